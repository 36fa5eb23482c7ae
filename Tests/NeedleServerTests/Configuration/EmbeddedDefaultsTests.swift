// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedleServer

@Suite struct EmbeddedDefaultsTests {
    @Test("without a file everything lives in ./needletail-data, and nothing is complained of")
    func nothingGiven() throws {
        let result = try loaded(nil)
        let configuration = result.configuration
        #expect(result.notices == [])
        #expect(configuration == Configuration())
        #expect(configuration.database.sqlite.path == "./needletail-data/db.sqlite")
        #expect(configuration.noisePrivateKeyPath == "./needletail-data/noise_private.key")
        #expect(configuration.derp.server.privateKeyPath == "./needletail-data/derp_server_private.key")
        #expect(configuration.unixSocket.path == "./needletail-data/needletail.sock")
        #expect(
            configuration.tls.source
                == .generated(
                    certificate: "./needletail-data/tls_generated.crt",
                    privateKey: "./needletail-data/tls_generated.key"
                )
        )
        #expect(configuration.listenAddress.description == "127.0.0.1:8080")
        #expect(configuration.serverURL.description == "http://127.0.0.1:8080")
        #expect(configuration.derp.server.enabled)
        #expect(configuration.derp.server.stunListenAddress?.description == "127.0.0.1:3478")
        #expect(configuration.derp.urls == [])
        #expect(configuration.dns.magicDNS && configuration.dns.baseDomain == "tailnet.internal")
        #expect(!configuration.dns.overrideLocalDNS)
    }

    @Test(
        "an empty file is as good as none",
        arguments: ["", "\n", "# only a comment\n", "---\n", "~", "dns:\n", "log:\n  level:\n"]
    )
    func emptyFile(_ text: String) throws {
        #expect(try loaded(text) == loaded(nil))
    }

    @Test("the data directory places what the file does not")
    func dataDirectory() throws {
        let yaml = "database: {sqlite: {path: /elsewhere/db.sqlite}}"
        let configuration = try loaded(yaml, dataDirectory: "/srv/tail/").configuration
        #expect(configuration.dataDirectory == "/srv/tail/")
        #expect(configuration.database.sqlite.path == "/elsewhere/db.sqlite")
        #expect(configuration.unixSocket.path == "/srv/tail/needletail.sock")
        #expect(configuration.noisePrivateKeyPath == "/srv/tail/noise_private.key")
    }

    @Test("relative paths of the file start from its folder, those of the data directory do not")
    func relativePaths() throws {
        let yaml = """
            noise: {private_key_path: ./noise.key}
            derp: {paths: [derp.yaml, /abs.yaml]}
            tls_cert_path: cert.pem
            tls_key_path: ../key.pem
            """
        let configuration = try loaded(yaml, fileDirectory: "/etc/needletail").configuration
        #expect(configuration.noisePrivateKeyPath == "/etc/needletail/noise.key")
        #expect(configuration.derp.paths == ["/etc/needletail/derp.yaml", "/abs.yaml"])
        #expect(
            configuration.tls.source
                == .files(certificate: "/etc/needletail/cert.pem", privateKey: "/etc/needletail/../key.pem")
        )
        #expect(configuration.unixSocket.path == "./needletail-data/needletail.sock")
    }

    @Test(
        "server_url follows from listen_addr",
        arguments: [
            ("127.0.0.1:9000", "http://127.0.0.1:9000"), ("'[::1]:80'", "http://[::1]:80"),
            ("tail.local:1", "http://tail.local:1"),
        ]
    )
    func derivedURL(_ listen: String, _ url: String) throws {
        let result = try loaded("listen_addr: \(listen)")
        #expect(result.configuration.serverURL.description == url)
        #expect(result.notices == [])
    }

    @Test(
        "a server for all addresses is told to set server_url",
        arguments: ["0.0.0.0:8080", "':8080'", "'[::]:8080'"]
    )
    func wildcard(_ listen: String) throws {
        let result = try loaded("listen_addr: \(listen)")
        #expect(result.notices.map(\.key) == ["server_url"])
        #expect(["127.0.0.1", "::1"].contains(result.configuration.serverURL.host))
        #expect(try loaded("listen_addr: \(listen)\nserver_url: https://c.example.com").notices == [])
    }

    @Test("STUN listens where the server does, unless a key says otherwise")
    func stunFollowsListener() throws {
        let stun = try loaded("listen_addr: '[::]:443'").configuration.derp.server.stunListenAddress
        #expect(stun?.description == "[::]:3478")
        let own = try loaded("listen_addr: ':443'\nderp: {server: {stun_listen_addr: 10.0.0.1:5}}").configuration
        #expect(own.derp.server.stunListenAddress?.description == "10.0.0.1:5")
    }

    @Test("zero stands for the default number and lifetime of pending registrations")
    func zeroIsDefault() throws {
        let yaml = "tuning: {register_cache_max_entries: 0, register_cache_expiration: 0}"
        #expect(try loaded(yaml).configuration.tuning == Configuration.Tuning())
    }

    @Test("global resolvers replace the machine's unless a key says otherwise")
    func overrideFollowsNameservers() throws {
        #expect(try loaded("dns: {nameservers: {global: [1.1.1.1]}}").configuration.dns.overrideLocalDNS)
        let off = "dns: {nameservers: {global: [1.1.1.1]}, override_local_dns: false}"
        #expect(try !loaded(off).configuration.dns.overrideLocalDNS)
    }

    @Test("whoever names one address family alone gets no other")
    func oneFamily() throws {
        let v4 = try loaded("prefixes: {v4: 100.64.0.0/16}").configuration.prefixes
        #expect(v4.v4?.description == "100.64.0.0/16" && v4.v6 == nil)
        let v6 = try loaded("prefixes: {v6: 'fd7a:115c:a1e0:ab::/64'}").configuration.prefixes
        #expect(v6.v4 == nil && v6.v6?.description == "fd7a:115c:a1e0:ab::/64")
        let off = try loaded("prefixes: {v4: 100.64.0.0/10, v6: ''}").configuration.prefixes
        #expect(off.v4 != nil && off.v6 == nil)
    }
}
