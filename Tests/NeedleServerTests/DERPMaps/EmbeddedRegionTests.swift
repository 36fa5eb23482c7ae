// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire
import Testing

@testable import NeedleServer

@Suite struct EmbeddedRegionTests {
    private func node(_ configuration: Configuration, _ hash: [UInt8]? = nil) throws -> DERPNode {
        let region = try #require(DERPRegion(embeddedBy: configuration, generatedCertificate: hash))
        #expect(region.nodes.count == 1)
        return try #require(region.nodes.first)
    }

    @Test("the default relay is on loopback, with the fingerprint of the generated certificate")
    func defaults() throws {
        let hash = [UInt8](repeating: 0xab, count: 31) + [0x01]
        let region = try #require(DERPRegion(embeddedBy: Configuration(), generatedCertificate: hash))
        #expect(region.regionID == 999 && region.regionCode == "needletail")
        #expect(region.regionName == "Needletail Embedded DERP")
        let node = try node(Configuration(), hash)
        #expect(node.name == "999" && node.regionID == 999)
        #expect(node.hostName == "127.0.0.1" && node.ipv4 == "127.0.0.1" && node.ipv6 == "none")
        #expect(node.derpPort == 8080 && node.stunPort == 3478)
        #expect(node.certName == "sha256-raw:" + String(repeating: "ab", count: 31) + "01")
        #expect(!node.insecureForTests && !node.stunOnly)
    }

    @Test(
        "the relay is at the host and port of server_url",
        arguments: [
            ("https://control.example.com", "control.example.com", 443),
            ("http://control.example.com", "control.example.com", 80),
            ("https://control.example.com:8443", "control.example.com", 8443), ("http://[::1]:9", "::1", 9),
        ]
    )
    func place(_ url: String, _ host: String, _ port: Int) throws {
        let node = try node(try loaded("server_url: '\(url)'").configuration)
        #expect(node.hostName == host && node.derpPort == port)
    }

    @Test("no fingerprint is told for https, for own certificates, or when there is none")
    func noFingerprint() throws {
        let hash = [UInt8](repeating: 1, count: 32)
        #expect(try node(try loaded("server_url: https://c.example.com").configuration, hash).certName == "")
        let files = "server_url: http://c.example.com\ntls_cert_path: /c\ntls_key_path: /k"
        #expect(try node(try loaded(files).configuration, hash).certName == "")
        #expect(try node(Configuration(), nil).certName == "")
    }

    @Test("keys decide about region, addresses and STUN")
    func keys() throws {
        let yaml = """
            server_url: https://c.example.com
            derp:
              server: {region_id: 901, region_code: x, region_name: X, ipv4: 192.0.2.1, ipv6: none, stun_listen_addr: ":5"}
            """
        let region = try #require(DERPRegion(embeddedBy: try loaded(yaml).configuration))
        #expect(region.regionID == 901 && region.regionCode == "x" && region.regionName == "X")
        let node = try #require(region.nodes.first)
        #expect(node.name == "901" && node.ipv4 == "192.0.2.1" && node.ipv6 == "none" && node.stunPort == 5)
        var configuration = Configuration()
        configuration.derp.server.stunListenAddress = nil
        #expect(try self.node(configuration).stunPort == -1)
    }

    @Test("there is no region when the relay is off or described elsewhere")
    func absent() throws {
        var off = Configuration()
        off.derp.server.enabled = false
        #expect(DERPRegion(embeddedBy: off) == nil)
        var elsewhere = Configuration()
        elsewhere.derp.server.addsRegionToMap = false
        #expect(DERPRegion(embeddedBy: elsewhere) == nil)
    }

    @Test("what the server says of itself passes its own check")
    func checked() throws {
        let region = try #require(DERPRegion(embeddedBy: Configuration(), generatedCertificate: [1, 2]))
        #expect(try region.checked(under: 999) == region)
    }
}
