// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct MapStreamTests {
    @Test("a keep-alive is one, tells the time, and is never the text that Go clients learn")
    func keepAlive() throws {
        let bytes = KeepAlive.message(controlTime: Timestamp(seconds: 1_790_000_000))
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"KeepAlive":true,"ControlTime":"2026-09-21T14:13:20Z"}"#)
        let message = try MapResponse.decode(bytes)
        #expect(message.keepAlive && message.controlTime == Timestamp(seconds: 1_790_000_000))
        #expect(KeepAlive.message(controlTime: .zero) != Array(#"{"KeepAlive":true}"#.utf8))
    }

    @Test("a spliced message is the message", arguments: [1, 2, 64], [true, false])
    func splice(count: Int, bare: Bool) throws {
        let nodes = try (1...count).map(WireSample.peer)
        var head = MapResponse()
        var tail = MapResponse()
        var whole = MapResponse()
        if !bare {
            head.domain = "example.com"
            whole.domain = "example.com"
            tail.peersRemoved = [NodeID(99)]
            whole.peersRemoved = [NodeID(99)]
        }
        whole.peers = .nodes(nodes)
        let encoded = nodes.map(\.json)
        let spliced = MapResponseSplice.message(head: head, .peers, nodes: encoded, tail: tail)
        #expect(String(decoding: spliced, as: UTF8.self) == whole.jsonText)
        let pieces =
            MapResponseSplice.opening(head, .peers) + MapResponseSplice.block(encoded.prefix(1))
            + encoded.dropFirst().flatMap { MapResponseSplice.separator + MapResponseSplice.block([$0]) }
            + MapResponseSplice.closing(tail)
        #expect(pieces == spliced)
    }

    @Test("changed peers go into their list")
    func spliceChanged() throws {
        let node = try WireSample.peer(1)
        let json = MapResponseSplice.message(
            head: MapResponse(),
            .peersChanged,
            nodes: [node.json],
            tail: MapResponse()
        )
        #expect(try MapResponse.decode(json).peersChanged == .nodes([node]))
    }

    @Test("without peers there is no list", arguments: [(true, true), (true, false), (false, true), (false, false)])
    func spliceNothing(hasHead: Bool, hasTail: Bool) throws {
        var head = MapResponse()
        if hasHead { head.domain = "d" }
        var tail = MapResponse()
        if hasTail { tail.controlTime = .zero }
        let message = try MapResponse.decode(MapResponseSplice.message(head: head, .peers, nodes: [], tail: tail))
        #expect(message.peers == nil)
        #expect(message.domain == head.domain && message.controlTime == tail.controlTime)
    }

    @Test("a spliced filter rule is the rule")
    func filterRules() throws {
        let sources = ["100.64.0.1", "100.64.0.7-100.64.0.9"]
        let opening = FilterRuleSplice.opening(sources: FilterRuleSplice.sources(sources))
        let ports = [NetPortRange(ip: "100.64.0.3", ports: PortRange(first: 22, last: 22))]
        let rule = FilterRule(srcIPs: sources, dstPorts: ports, ipProto: [6])
        #expect(opening + FilterRuleSplice.closing(dstPorts: ports, ipProto: [6]) == rule.json)
        let grants = [CapGrant(dsts: [], capMap: ["a": [RawJSON("1")]])]
        #expect(
            opening + FilterRuleSplice.closing(capGrant: grants) == FilterRule(srcIPs: sources, capGrant: grants).json
        )
    }
}
