// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleServer

@Suite struct HeadscaleFilesTests {
    @Test("a typical file of headscale is taken as it is")
    func typical() throws {
        let result = try loaded(ConfigurationFixtures.text("typical.yaml"))
        let configuration = result.configuration
        // Of a typical file only these are not obeyed yet.
        #expect(result.notices.map(\.key) == ["metrics_listen_addr", "trusted_proxies"])
        #expect(configuration.serverURL.description == "https://control.example.com")
        #expect(configuration.node.expiry == .seconds(180 * 86400))
        #expect(configuration.dns.splitNameservers["corp.example.net"] == configuration.dns.globalNameservers)
        #expect(configuration.dns.extraRecords.map(\.kind) == [.a, .aaaa])
        #expect(configuration.database.sqlite.path == "/var/lib/headscale/db.sqlite")
        #expect(configuration.unixSocket.permission == 0o770)
        #expect(configuration.derp.server.ipv4 == "198.51.100.1")
    }

    @Test("an outdated file is told everything to change at once")
    func outdated() {
        let found = refused(ConfigurationFixtures.text("outdated.yaml"))
        #expect(
            found.map(\.key) == [
                "ip_prefixes", "db_type", "db_path", "acl_policy_path", "randomize_client_port",
                "dns_config.magic_dns", "dns_config.base_domain", "dns_config.nameservers",
                "oidc.strip_email_domain", "oidc.expiry",
            ]
        )
        #expect(found.allSatisfy { $0.severity == .error })
    }

    /// What each recorded file comes to: the keys with errors.
    static let recorded: [String: [String]] = [
        "base-domain-in-server-url.yaml": ["dns.base_domain"],
        "dns-override-true-error.yaml": ["dns.base_domain", "dns.override_local_dns"],
        "dns_full.yaml": [],
        "minimal.yaml": [],
        "policy-path-is-loaded.yaml": ["acl_policy_path", "policy.type"],
    ]

    @Test(
        "recorded files come to what headscale makes of them",
        .enabled(if: !ConfigurationFixtures.files(in: ConfigurationFixtures.recorded).isEmpty)
    )
    func recordedFiles() throws {
        let files = ConfigurationFixtures.files(in: ConfigurationFixtures.recorded)
        #expect(Set(files.keys) == Set(Self.recorded.keys))
        for (name, text) in files {
            let errors = findings(text).filter { $0.severity == .error }.map(\.key)
            #expect(errors == Self.recorded[name], "\(name)")
        }
        let text = try #require(files["dns_full.yaml"])
        let full = try loaded(text).configuration.dns
        #expect(full.globalNameservers.count == 5 && full.splitNameservers.count == 2)
        #expect(full.searchDomains == ["test.com", "bar.com"] && full.extraRecords.count == 2)
    }
}
