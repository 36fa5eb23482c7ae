// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
internal import NeedleSwarm
import NeedleTypes
import NeedleWire
import Testing

@Suite struct NextDNSTests {
    @Test("NextDNS is asked with the node's own profile and description, and told again when these change")
    func profile() throws {
        var tailnet = try PolicyTailnet("{}") { settings in
            settings.dns = DNSConfig(resolvers: [
                Resolver(addr: "https://dns.nextdns.io/abc"), Resolver(addr: "1.1.1.1"),
            ])
        }
        try tailnet.join("ann", "bob")
        #expect(
            tailnet.resolvers(of: 0) == [
                "https://dns.nextdns.io/abc?device_ip=100.64.0.1&device_model=linux&device_name=ann", "1.1.1.1",
            ]
        )
        tailnet.forgetMessages()
        try tailnet.set(#"{"nodeAttrs": [{"target": ["bob@"], "attr": ["nextdns:xyz", "nextdns:no-device-info"]}]}"#)
        try tailnet.receive()
        #expect(tailnet.messages == [0, 1])
        #expect(tailnet.resolvers(of: 1) == ["https://dns.nextdns.io/xyz", "1.1.1.1"])
        try tailnet.tailnet.run(RenameNode(node: tailnet.nodes[0], newName: "other"))
        try tailnet.receive()
        #expect(tailnet.resolvers(of: 0).first?.hasSuffix("device_name=other") == true)
    }
}

extension PolicyTailnet {
    fileprivate func resolvers(of index: Int) -> [String] { clients[index].map.dns?.resolvers.map(\.addr) ?? [] }
}
