// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct MapResponseTests {
    @Test("an empty peer list is never written", arguments: [PeerList.nodes([]), .encoded([])])
    func noEmptyPeers(list: PeerList) {
        var message = MapResponse()
        message.peers = list
        message.peersChanged = list
        #expect(message.jsonText == "{}")
    }

    @Test("peers are the same whether encoded before or now")
    func encodedPeers() throws {
        let nodes = try (1...3).map(WireSample.peer)
        var values = MapResponse()
        values.peers = .nodes(nodes)
        values.packetFilters = [PacketFilterChunk(name: "base", content: .rules([FilterRule(srcIPs: ["*"])]))]
        var encoded = MapResponse()
        encoded.peers = .encoded(nodes.map(\.json))
        encoded.packetFilters = [PacketFilterChunk(name: "base", content: .encoded(Array(#"[{"SrcIPs":["*"]}]"#.utf8)))]
        #expect(values.jsonText == encoded.jsonText)
        #expect(try MapResponse.decode(encoded.json) == values)
    }

    @Test("chunks keep their order, and null deletes")
    func chunks() throws {
        let text = #"{"PacketFilters":{"*":null,"z":[],"a":[{"SrcIPs":["*"]}],"b":null}}"#
        let message = try MapResponse.decode(text: text)
        #expect(message.packetFilters.map(\.name) == ["*", "z", "a", "b"])
        #expect(message.packetFilters[0] == .deleteAll)
        #expect(message.packetFilters[3].content == .deleted)
        #expect(message.jsonText == text)
    }

    @Test("a filter rule never has the fields that poison a filter")
    func poison() {
        let rule = FilterRule(
            srcIPs: ["10.0.0.0/8"],
            dstPorts: [NetPortRange(ip: "*", ports: .any)],
            ipProto: [6],
            capGrant: [CapGrant(dsts: [], capMap: ["a": []])]
        )
        #expect(!rule.jsonText.contains("Bits"))
    }

    @Test("absent AllowedIPs are the addresses")
    func allowedIPs() throws {
        var node = try WireSample.peer(1)
        node.allowedIPs = nil
        node.endpoints = nil
        node.online = nil
        #expect(node.jsonText.contains(#""AllowedIPs":["100.64.0.1/32","fd7a:115c:a1e0::1/128"],"Endpoints":[]"#))
        #expect(node.jsonText.hasSuffix(#""Online":false}"#))
        node.allowedIPs = []
        #expect(node.jsonText.contains(#""AllowedIPs":[]"#))
    }

    @Test("an SSH session's length is in nanoseconds, and stays in Go's range")
    func sessionDuration() throws {
        #expect(SSHAction(sessionDuration: .milliseconds(1500)).jsonText == #"{"sessionDuration":1500000000}"#)
        let longest = SSHAction(sessionDuration: .seconds(Int64.max))
        #expect(longest.jsonText == #"{"sessionDuration":9223372036854775807}"#)
        #expect(try SSHAction.decode(text: #"{"sessionDuration":60000000000}"#).sessionDuration == .seconds(60))
    }

    @Test("regions are known by number, and nothing else")
    func regions() throws {
        let map = try DERPMap.decode(text: #"{"Regions":{"7":null,"9":{"RegionID":9}}}"#)
        #expect(map.regions.keys.sorted() == [9])
        let error = #expect(throws: WireError.self) { try DERPMap.decode(text: #"{"Regions":{"x":{}}}"#) }
        #expect(error?.path == "Regions.x")
    }
}
