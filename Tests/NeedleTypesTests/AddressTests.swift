// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@Suite struct ReverseZoneTests {
    @Test(
        "are whole labels, as many as the prefix has",
        arguments: [
            ("10.0.0.0/8", ["10.in-addr.arpa"]),
            ("192.0.2.0/24", ["2.0.192.in-addr.arpa"]),
            ("192.0.2.6/31", ["6.2.0.192.in-addr.arpa", "7.2.0.192.in-addr.arpa"]),
            ("203.0.113.9/32", ["9.113.0.203.in-addr.arpa"]),
            ("fd7a:115c:a1e0::/48", ["0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa"]),
            ("fd7a:115c:a1e0::/47", ["0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa", "1.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa"]),
        ] as [(String, [String])]
    )
    func zones(prefix: String, zones: [String]) throws {
        #expect(try #require(IPPrefix(text: prefix)).reverseZones == zones)
    }

    @Test("of the addresses of tailnets are 64")
    func tailnet() throws {
        let zones = try #require(IPPrefix(text: "100.64.0.0/10")).reverseZones
        #expect(zones == (64..<128).map { "\($0).100.in-addr.arpa" })
        #expect(try #require(IPPrefix(text: "0.0.0.0/0")).reverseZones.count == 256)
        #expect(try #require(IPPrefix(text: "::1/128")).reverseZones.map(\.utf8.count) == [32 * 2 + 8])
    }
}

@Suite struct AddressTests {
    @Test("reads and writes addresses", arguments: ["100.64.0.1", "::1", "fd7a:115c:a1e0::1", "0.0.0.0", "fe80::a:b"])
    func addressText(text: String) {
        #expect(IPAddress(text: text)?.description == text)
    }

    @Test(
        "refuses what is no address",
        arguments: ["", "1.2.3", "1.2.3.4/32", "fe80::1%eth0", " 1.2.3.4", "1.2.3.4\0", "::g"]
    )
    func badAddress(text: String) {
        #expect(IPAddress(text: text) == nil)
    }

    @Test("clears host bits")
    func masks() {
        #expect(IPPrefix(text: "10.1.2.3/8")?.description == "10.0.0.0/8")
        #expect(IPPrefix(text: "fd00:1::5/32")?.description == "fd00:1::/32")
        #expect(IPPrefix(text: "::1/0")?.description == "::/0")
        #expect(IPPrefix(text: "10.0.0.0/33") == nil)
        #expect(IPPrefix(text: "10.0.0.0/08") == nil)
        #expect(IPPrefix(text: "10.0.0.0") == nil)
    }

    @Test("knows what lies in a prefix")
    func contains() throws {
        let prefix = try #require(IPPrefix(text: "100.64.0.0/10"))
        #expect(prefix.contains(try #require(IPAddress(text: "100.127.255.255"))))
        #expect(!prefix.contains(try #require(IPAddress(text: "100.128.0.0"))))
        #expect(!prefix.contains(try #require(IPAddress(text: "::6440:1"))))
        #expect(prefix.last.description == "100.127.255.255")
        #expect(prefix.contains(try #require(IPPrefix(text: "100.64.1.0/24"))))
        #expect(!prefix.contains(try #require(IPPrefix(text: "100.0.0.0/8"))))
    }

    @Test("reads and writes endpoints", arguments: ["1.2.3.4:5", "[fe80::1]:41641", "0.0.0.0:0", "[::]:65535"])
    func endpoints(text: String) {
        #expect(Endpoint(text: text)?.description == text)
    }

    @Test(
        "refuses bad endpoints",
        arguments: ["1.2.3.4", "1.2.3.4:65536", "::1:5", "[1.2.3.4]:5", "[]:5", "a:1", "[::1]:+5"]
    )
    func badEndpoints(text: String) {
        #expect(Endpoint(text: text) == nil)
    }
}
