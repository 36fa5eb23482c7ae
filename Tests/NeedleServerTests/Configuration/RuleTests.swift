// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleServer

@Suite struct RuleTests {
    /// Text, what it must be told about, and a word that the message must contain.
    struct Case: Sendable, CustomTestStringConvertible {
        let yaml: String
        let key: String
        let severity: ConfigurationFinding.Severity
        let word: String
        var testDescription: String { yaml }

        init(_ yaml: String, _ key: String, _ severity: ConfigurationFinding.Severity, _ word: String) {
            self.yaml = yaml
            self.key = key
            self.severity = severity
            self.word = word
        }

        init(_ yaml: String, _ key: String, _ word: String) {
            self.init(yaml, key, .error, word)
        }
    }

    static let server = "server_url: https://server.example.com\n"

    static let broken: [Case] = [
        .init("server_url: ftp://x", "server_url", "https://"),
        .init("server_url: https://x/path", "server_url", "https://"),
        .init("server_url: ''", "server_url", "https://"),
        .init("listen_addr: '8080'", "listen_addr", "host:port"),
        .init("listen_addr: '::1:8080'", "listen_addr", "host:port"),
        .init("listen_addr: 127.0.0.1:80800", "listen_addr", "host:port"),
        .init("listen_addr: ''", "listen_addr", "host:port"),
        .init("listen_addr: 127.0.0.1:0", "server_url", .warning, "chosen"),
        .init("trusted_proxies: [10.0.0.0/8, '::/0']", "trusted_proxies", "::/0"),
        .init("trusted_proxies: 10.0.0.1", "trusted_proxies", "10.0.0.1/32"),
        .init("trusted_proxies: [proxy]", "trusted_proxies", "prefix"),
        .init("prefixes: {v4: 100.64.0.0}", "prefixes.v4", "prefix"),
        .init("prefixes: {v4: 'fd7a:115c:a1e0::/48'}", "prefixes.v4", "IPv4"),
        .init("prefixes: {v6: 100.64.0.0/10}", "prefixes.v6", "IPv6"),
        .init("prefixes: {v4: 100.64.0.0/33}", "prefixes.v4", "prefix"),
        .init("prefixes: {v4: 100.64.0.0/31}", "prefixes.v4", "room"),
        .init("prefixes: {v4: 10.0.0.0/8}", "prefixes.v4", .warning, "outside"),
        .init("prefixes: {v6: 'fd00::/48'}", "prefixes.v6", .warning, "outside"),
        .init("prefixes: {v4: '', v6: ''}", "prefixes.v4", "addresses"),
        .init("prefixes: {allocation: clever}", "prefixes.allocation", "sequential, random"),
        .init("derp: {server: {region_id: 0}}", "derp.server.region_id", "range"),
        .init("derp: {server: {region_id: many}}", "derp.server.region_id", "whole number"),
        .init("derp: {server: {region_code: ''}}", "derp.server.region_code", "empty"),
        .init("derp: {server: {private_key_path: ''}}", "derp.server.private_key_path", "empty"),
        .init("derp: {server: {stun_listen_addr: ''}}", "derp.server.stun_listen_addr", "relay"),
        .init("server_url: https://c.example.com", "derp.server.stun_listen_addr", .warning, "0.0.0.0:3478"),
        .init("derp: {server: {stun_listen_addr: 3478}}", "derp.server.stun_listen_addr", "host:port"),
        .init("derp: {server: {ipv4: '::1'}}", "derp.server.ipv4", "IPv4"),
        .init("derp: {server: {ipv6: host}}", "derp.server.ipv6", "IPv6"),
        .init(
            "derp: {server: {automatically_add_embedded_derp_region: false}}",
            "derp.server.automatically_add_embedded_derp_region",
            "derp.paths"
        ),
        .init("derp: {server: {enabled: false}}", "derp.server.enabled", .warning, "Starting"),
        .init("derp: {urls: [example.com/derp]}", "derp.urls", "https://"),
        .init("derp: {urls: ['file:///etc/passwd']}", "derp.urls", "https://"),
        .init("derp: {urls: ['https://e.com/d'], update_frequency: 5s}", "derp.update_frequency", "1m"),
        .init("node: {expiry: 180}", "node.expiry", "unit"),
        .init("node: {expiry: -1h}", "node.expiry", "duration"),
        .init("node: {ephemeral: {inactivity_timeout: 65s}}", "node.ephemeral.inactivity_timeout", "1m5s"),
        .init("ephemeral_node_inactivity_timeout: 10s", "ephemeral_node_inactivity_timeout", "1m5s"),
        .init("node: {routes: {ha: {probe_interval: 1s}}}", "node.routes.ha.probe_interval", "2s"),
        .init("node: {routes: {ha: {probe_timeout: 10s}}}", "node.routes.ha.probe_timeout", "less"),
        .init("node: {routes: {ha: {probe_timeout: 500ms}}}", "node.routes.ha.probe_timeout", "1s"),
        .init("tuning: {register_cache_expiration: 1s}", "tuning.register_cache_expiration", "1m"),
        .init("tuning: {register_cache_max_entries: -1}", "tuning.register_cache_max_entries", "range"),
        .init("database: {type: postgres}", "database.type", "sqlite"),
        .init("database: {type: mysql}", "database.type", "sqlite"),
        .init("database: {sqlite: {path: ''}}", "database.sqlite.path", "empty"),
        .init("noise: {private_key_path: ''}", "noise.private_key_path", "empty"),
        .init("tls_cert_path: /c.pem", "tls_cert_path", "tls_key_path"),
        .init("tls_key_path: /k.pem", "tls_key_path", "tls_cert_path"),
        .init("tls_letsencrypt_hostname: a.example.com", "tls_letsencrypt_hostname", "tls_cert_path"),
        .init("policy: {mode: database, path: /p.hujson}", "policy.path", .warning, "policy set"),
        .init("policy: {mode: db}", "policy.mode", "database"),
        .init("dns: {base_domain: ''}", "dns.base_domain", "MagicDNS"),
        .init("dns: {base_domain: 'no spaces'}", "dns.base_domain", "domain"),
        .init(server + "dns: {base_domain: server.example.com}", "dns.base_domain", "same"),
        .init(server + "dns: {base_domain: SERVER.example.com}", "dns.base_domain", "same"),
        .init(server + "dns: {base_domain: example.com}", "dns.base_domain", "contains"),
        .init("dns: {override_local_dns: true}", "dns.override_local_dns", "dns.nameservers.global"),
        .init("dns: {nameservers: {global: [one.one]}}", "dns.nameservers.global", "resolver"),
        .init("dns: {nameservers: {global: ['https://']}}", "dns.nameservers.global", "resolver"),
        .init("dns: {nameservers: {split: [1.1.1.1]}}", "dns.nameservers.split", "section"),
        .init("dns: {nameservers: {split: {'a b': [1.1.1.1]}}}", "dns.nameservers.split", "domain"),
        .init("dns: {nameservers: {split: {a.b: [x]}}}", "dns.nameservers.split", "resolver"),
        .init("dns: {nameservers: {split: {a.b: [1.1.1.1], A.b: [1.1.1.1]}}}", "dns.nameservers.split", "twice"),
        .init("dns: {search_domains: ['-']}", "dns.search_domains", "domain"),
        .init("dns: {extra_records: [{name: a.b, type: CNAME, value: c.d}]}", "dns.extra_records", "address"),
        .init("dns: {extra_records: [{name: a.b, type: AAAA, value: 1.1.1.1}]}", "dns.extra_records", "type A"),
        .init("dns: {extra_records: [{name: a.b, ttl: 5, value: 1.1.1.1}]}", "dns.extra_records", "ttl"),
        .init("dns: {extra_records: [{type: A, value: 1.1.1.1}]}", "dns.extra_records", "domain"),
        .init("dns: {extra_records: {a: b}}", "dns.extra_records", "list"),
        .init(
            "dns: {extra_records: [{name: a.b, value: 1.1.1.1}], extra_records_path: /x}",
            "dns.extra_records",
            "extra_records_path"
        ),
        .init("unix_socket_permission: '0778'", "unix_socket_permission", "octal"),
        .init("unix_socket_permission: '01000'", "unix_socket_permission", "octal"),
        .init("oidc: {client_secret: a, client_secret_path: /b}", "oidc.client_secret", "client_secret_path"),
        .init("oidc: {issuer: https://sso.example.com}", "oidc.issuer", .warning, "pre-authentication keys"),
        .init("log: {level: verbose}", "log.level", "info"),
        .init("logtail: {enabled: yes}", "logtail.enabled", "true or false"),
        .init("limits: {connections: 0}", "limits.connections", "range"),
        .init("limits: {request_bytes: 99999999999999999999}", "limits.request_bytes", "range"),
    ]

    @Test("what is wrong is named, with what would be right", arguments: broken)
    func brokenIsNamed(_ wrong: Case) throws {
        // That a key is old, or has no effect yet, is said besides.
        let all = findings(wrong.yaml).filter { wrong.severity == .warning || $0.severity == .error }
        let found = all.filter { $0.key == wrong.key }
        #expect(found.count == 1)
        let finding = try #require(found.first)
        #expect(finding.severity == wrong.severity)
        #expect("\(finding.problem); \(finding.advice)".contains(wrong.word), "\(finding)")
        #expect(all.count == 1)
        if wrong.severity == .error { #expect(refused(wrong.yaml).contains(finding)) }
    }

    static let right: [String] = [
        "listen_addr: ':8080'\nserver_url: https://server.example.com:443/\ndns: {base_domain: example.net}",
        "listen_addr: ':8080'\nserver_url: https://myexample.com\ndns: {base_domain: example.com}",
        "listen_addr: ':8080'\nserver_url: https://example.com\ndns: {base_domain: tail.example.com}",
        "server_url: https://c.example.com\nderp: {server: {stun_listen_addr: 127.0.0.1:3478}}",
        "server_url: http://localhost:8080",
        "tuning: {register_cache_max_entries: 0, register_cache_expiration: 0}",
        "dns: {magic_dns: false, base_domain: ''}",
        "dns: {nameservers: {global: [1.1.1.1, '2606:4700:4700::1111', '[::1]:53', 9.9.9.9:5353]}}",
        "dns: {extra_records: []}",
        "node: {expiry: 0, routes: {ha: {probe_timeout: 5s}}}",
        "database: {type: sqlite3}",
        "policy: {mode: file, path: ''}",
        "policy: {mode: database}",
        "policy: {path: /etc/policy.hujson}",
        "tls_letsencrypt_hostname: ''\ntls_letsencrypt_listen: ':http'\nacme_email: a@example.com",
        "derp: {server: {enabled: false}, urls: [https://controlplane.tailscale.com/derpmap/default]}",
        "derp: {server: {ipv4: none, ipv6: ''}}",
        "derp: {auto_update_enabled: false, urls: [https://e.com/d], update_frequency: 1s}",
        "metrics_listen_addr: ''\nunix_socket: ''",
    ]

    @Test("what is right is silent", arguments: right)
    func rightIsSilent(_ yaml: String) {
        #expect(findings(yaml) == [])
    }

    @Test("a route probe that is turned off has no other rules")
    func noProbe() throws {
        let notices = try loaded("node: {routes: {ha: {probe_interval: 0, probe_timeout: 0}}}").notices
        #expect(Set(notices.map(\.severity)) == [.warning])
    }

    @Test("a socket path may have 103 bytes and no more")
    func socketPath() {
        let fits = "/" + String(repeating: "a", count: 102)
        #expect(findings("unix_socket: \(fits)") == [])
        let found = refused("unix_socket: \(fits)b")
        #expect(found.map(\.key) == ["unix_socket"])
        #expect(found.first?.problem.contains("104") == true && found.first?.origin == .file(line: 1))
    }

    @Test("a data directory too long for the socket is told so, and what to do")
    func socketInLongDirectory() {
        let found = refused(nil, dataDirectory: "/" + String(repeating: "long/", count: 25))
        #expect(found.map(\.key) == ["unix_socket"])
        #expect(found.first?.advice.contains("--data-dir") == true)
        #expect(found.first?.origin == ConfigurationFinding.Origin.none)
    }

    @Test("a rule does not judge a default that stands in for a value that could not be read")
    func noFollowUps() {
        #expect(refused("dns: {nameservers: {global: [nonsense]}, override_local_dns: true}").count == 1)
        #expect(refused("listen_addr: nonsense").count == 1)
        #expect(refused("prefixes: {v4: nonsense}").count == 1)
    }
}
