// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleServer

@Suite struct LoadingTests {
    @Test("the environment goes before the file, the file before the default")
    func precedence() throws {
        let file = "log: {level: debug, format: json}"
        let configuration = try loaded(file, environment: ["NEEDLETAIL_LOG_LEVEL": "error"]).configuration
        #expect(configuration.log.level == .error)
        #expect(configuration.log.format == .json)
    }

    @Test("an empty variable counts as not set")
    func emptyVariable() throws {
        let result = try loaded("log: {level: debug}", environment: ["NEEDLETAIL_LOG_LEVEL": "", "NEEDLETAIL_X": ""])
        #expect(result.configuration.log.level == .debug)
        #expect(result.notices == [])
    }

    @Test("a value in the environment stands in for a wrong one in the file")
    func environmentMends() throws {
        let environment = ["NEEDLETAIL_LOG_LEVEL": "warn"]
        #expect(try loaded("log: {level: loud}", environment: environment).configuration.log.level == .warn)
    }

    @Test("keys are read in any case")
    func caseOfKeys() throws {
        let configuration = try loaded("LOG:\n  Level: WARN\nServer_URL: HTTPS://Control.Example.COM/").configuration
        #expect(configuration.log.level == .warn)
        #expect(configuration.serverURL.description == "https://control.example.com")
    }

    @Test("JSON is accepted, since it is YAML")
    func json() throws {
        let text =
            #"{"server_url": "https://c.example.com", "prefixes": {"v4": "100.64.0.0/10"}, "log": {"level": "warn"}}"#
        let configuration = try loaded(text).configuration
        #expect(configuration.serverURL.host == "c.example.com")
        #expect(configuration.log.level == .warn)
    }

    @Test("all that is wrong is said at once, in the order of the file, warnings too")
    func allFindings() {
        let yaml = """
            server_url: control.example.com
            listen_adr: 0.0.0.0:8080
            database:
              type: postgres
              debug: true
            trusted_proxies: [0.0.0.0/0]
            node:
              expiry: 180
            acl_policy_path: /etc/acl.hujson
            unix_socket_permission: "0999"
            oidc: {client_secret: swordfish, client_secret_path: /secret}
            """
        let found = refused(yaml, environment: ["NEEDLETAIL_LOG_LEVEL": "loud"])
        #expect(
            found.map(\.key) == [
                "server_url", "listen_adr", "database.type", "database.debug", "trusted_proxies",
                "trusted_proxies", "node.expiry",
                "acl_policy_path", "unix_socket_permission", "oidc.client_secret", "log.level",
            ]
        )
        let lines: [Int?] = found.map { if case .file(let line) = $0.origin { line } else { nil } }
        #expect(lines == [1, 2, 4, 5, 6, 6, 8, 9, 10, 11, nil])
        #expect(found.filter { $0.severity == .warning }.map(\.key) == ["database.debug", "trusted_proxies"])
        #expect(!found.contains { "\($0)".contains("swordfish") })
    }

    @Test(
        "an unknown key is refused, and the nearest known one named",
        arguments: [
            ("listen_adr: x", "listen_adr", "listen_addr"), ("dns: {magicdns: true}", "dns.magicdns", "dns.magic_dns"),
            ("derp: {server: {enable: true}}", "derp.server.enable", "derp.server.enabled"),
            ("derp: {url: []}", "derp.url", "derp.urls"), ("base_domain: x", "base_domain", "dns.base_domain"),
            ("database: {sqllite: {path: x}}", "database.sqllite", ""), ("colour: blue", "colour", ""),
            ("limits: {conections: 5}", "limits.conections", "limits.connections"),
        ]
    )
    func unknownKey(_ yaml: String, _ key: String, _ nearest: String) {
        let found = refused(yaml)
        #expect(found.map(\.key) == [key])
        #expect(found.first?.origin == .file(line: 1))
        #expect(found.first?.severity == .error)
        if nearest.isEmpty {
            #expect(found.first?.advice.contains("did you mean") == false || key.hasPrefix("database"))
        } else {
            #expect(found.first?.advice == "did you mean \(nearest)?")
        }
    }

    @Test("of very many unknown keys all are named, and for the first the nearest known one")
    func manyUnknownKeys() {
        let found = refused((0..<1000).map { "listen_addr\($0): x\n" }.joined())
        #expect(found.count == 1000)
        #expect(found.filter { $0.advice.hasPrefix("did you mean") }.count == FileKeys.maximumProposals)
    }

    @Test("a removed key is never proposed")
    func removedIsNotProposed() {
        #expect(refused("acl_policy_pat: x").first?.advice.contains("acl_policy_path") == false)
    }

    @Test("an unknown variable is a warning, with the nearest known one named")
    func unknownVariable() throws {
        let environment = [
            "NEEDLETAIL_LISTEN_ADR": "x", "NEEDLETAIL_CONFIG": "/c", "NEEDLETAIL_DATA_DIR": "/d",
            "NEEDLETAIL_DEBUG_SLOW": "1", "PATH": "/bin",
        ]
        let notices = try loaded(nil, environment: environment).notices
        #expect(notices.map(\.origin) == [.environment("NEEDLETAIL_LISTEN_ADR")])
        #expect(notices.first?.advice == "did you mean NEEDLETAIL_LISTEN_ADDR?")
    }

    @Test("headscale's variables are not read, which is said")
    func foreignVariable() throws {
        let environment = ["HEADSCALE_SERVER_URL": "https://h.example.com", "HEADSCALE_CONFIG": "/etc/headscale"]
        let result = try loaded(nil, environment: environment)
        #expect(result.notices.map(\.key) == ["server_url"])
        #expect(result.notices.first?.advice == "call it NEEDLETAIL_SERVER_URL")
        #expect(result.configuration.serverURL == .local)
    }

    @Test("a broken section in the environment is refused")
    func brokenVariable() {
        let found = refused(nil, environment: ["NEEDLETAIL_DNS_NAMESERVERS_SPLIT": "{a: [1.1.1.1"])
        #expect(found.map(\.key) == ["dns.nameservers.split"])
        #expect(found.map(\.origin) == [.environment("NEEDLETAIL_DNS_NAMESERVERS_SPLIT")])
    }

    @Test(
        "a value where a section belongs, and a section where a value belongs",
        arguments: [
            ("dns: true", "dns"), ("log: [level]", "log"), ("server_url: {host: x}", "server_url"),
            ("derp: {server: 5}", "derp.server"), ("[a, b]", ""), ("just text", ""),
        ]
    )
    func wrongShape(_ yaml: String, _ key: String) {
        let found = refused(yaml)
        #expect(found.map(\.key) == [key])
        #expect(found.first?.origin == .file(line: 1))
    }

    @Test(
        "the same key twice is refused",
        arguments: ["log: {level: info}\nlog: {format: json}", "log: {level: info}\nLOG: {level: warn}"]
    )
    func duplicateKey(_ yaml: String) {
        #expect(refused(yaml).count == 1)
    }

    @Test("the old name of a key is obeyed with a warning, unless the new one is there")
    func renamedKey() throws {
        let old = try loaded("ephemeral_node_inactivity_timeout: 90s")
        #expect(old.configuration.node.ephemeralInactivityTimeout == .seconds(90))
        #expect(old.notices.map(\.key) == ["ephemeral_node_inactivity_timeout"])
        let both = try loaded("ephemeral_node_inactivity_timeout: 90s\nnode: {ephemeral: {inactivity_timeout: 2h}}")
        #expect(both.configuration.node.ephemeralInactivityTimeout == .seconds(7200))
    }

    @Test("secrets appear in no finding and no description")
    func secretsAreRedacted() throws {
        let yaml = "oidc: {issuer: https://sso.example.com, client_id: a, client_secret: swordfish}"
        let result = try loaded(yaml)
        var dumped = ""
        dump(result, to: &dumped)
        #expect(!"\(result)".contains("swordfish") && !dumped.contains("swordfish"))
        #expect(!String(reflecting: result.configuration).contains("swordfish"))
        #expect(result.configuration.oidc.clientSecret.withText { $0 } == "swordfish")
        #expect(!"\(refused("oidc: {client_secret: [swordfish]}"))".contains("swordfish"))
    }

    @Test(
        "lists are taken with dashes, as one text, and from the environment",
        arguments: [
            "derp:\n  paths:\n    - /a\n    - /b", "derp: {paths: '/a /b'}", "derp: {paths: '/a, /b'}",
        ]
    )
    func lists(_ yaml: String) throws {
        #expect(try loaded(yaml).configuration.derp.paths == ["/a", "/b"])
    }
}
