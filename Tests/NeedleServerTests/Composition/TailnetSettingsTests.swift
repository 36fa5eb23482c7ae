// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTypes
import NeedleWire
import Testing

@testable import NeedleServer

@Suite struct TailnetSettingsTests {
    private let prefixes = [IPPrefix(text: "100.64.0.0/10"), IPPrefix(text: "fd7a:115c:a1e0::/48")]

    @Test("MagicDNS answers for the tailnet's addresses, too")
    func reverseZones() {
        var dns = Configuration.DNS()
        dns.magicDNS = true
        let routes = DNSConfig(dns, prefixes: prefixes).routes
        #expect(routes.count == 65)
        #expect(routes["100.100.in-addr.arpa"] == [])
        #expect(routes["0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa"] == [])
        dns.splitNameservers = ["100.100.in-addr.arpa": ["192.0.2.53"]]
        #expect(DNSConfig(dns, prefixes: prefixes).routes["100.100.in-addr.arpa"] == [Resolver(addr: "192.0.2.53")])
        dns.magicDNS = false
        #expect(DNSConfig(dns, prefixes: prefixes).routes.count == 1)
        dns.magicDNS = true
        dns.splitNameservers = [:]
        #expect(DNSConfig(dns, prefixes: [nil, nil]).routes.isEmpty)
    }
}
