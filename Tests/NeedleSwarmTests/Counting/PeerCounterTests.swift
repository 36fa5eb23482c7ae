// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@testable import NeedleSwarm

@Suite struct PeerCounterTests {
    @Test("agrees with decoding everything, however the message is cut", arguments: 0..<60 as Range<UInt64>)
    func agrees(seed: UInt64) throws {
        var messages = RandomMessages(seed: seed)
        var random = SeededRandom(seed: seed)
        let counter = try PeerCounter()
        var map = ClientMap()
        var compressed = PeerTally()
        var plain = PeerTally()
        for _ in 0..<12 {
            let message = messages.next()
            let json = message.json
            try map.apply(try MapResponse.decode(json))
            let pieces = Self.cut(json, &random)
            let payload = try TestZstd.message(pieces, tellsLength: Bool.random(using: &random))
            #expect(try counter.count(payload, isCompressed: true, in: &compressed))
            #expect(try counter.count(ByteBuffer(bytes: json), isCompressed: false, in: &plain))
            let expected = messages.peers.sorted()
            #expect(map.peers.keys.map(\.value).sorted() == expected)
            #expect(compressed.ids == expected)
            #expect(plain == compressed)
        }
        #expect(plain.own == 1)
        #expect(plain.strays == 0)
    }

    private static func cut(_ json: [UInt8], _ random: inout SeededRandom) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = json[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...(json.count / 2 + 1), using: &random))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    @Test("notices filters, and the port that marks a second policy")
    func filters() throws {
        let counter = try PeerCounter()
        var tally = PeerTally()
        func take(_ json: String) throws {
            _ = try counter.count(ByteBuffer(string: json), isCompressed: false, in: &tally)
        }
        try take(
            #"{"Node":{"ID":1},"PacketFilters":{"base":[{"SrcIPs":["*"],"DstPorts":[{"IP":"*","Ports":{"First":80,"Last":443}}]}]},"PeersChanged":[{"ID":2}]}"#
        )
        #expect((tally.filters, tally.markers, tally.ids) == (1, 0, [2]))
        try take(
            #"{"PeersChanged":[{"ID":3,"HomeDERP":65001}],"PacketFilters":{"a65001":null,"b":[{"DstPorts":[{"Ports":{"Last":65001,"First":1}}]}]}}"#
        )
        #expect((tally.filters, tally.markers, tally.ids) == (2, 1, [2, 3]))
        try take(#"{"PacketFilter":[{"IPProto":[6]}],"PeersRemoved":[2]}"#)
        #expect((tally.filters, tally.markers, tally.ids) == (3, 1, [3]))
        try take(#"{"PeersChangedPatch":[{"NodeID":3,"DERPRegion":1}],"Hostinfo":{"PacketFilter":[]}}"#)
        #expect((tally.filters, tally.strays) == (3, 0))
    }

    @Test("a frame that came before is not decompressed again, and says the same")
    func cache() throws {
        var messages = RandomMessages(seed: 3)
        let first = messages.next()
        var second = MapResponse()
        second.peersChanged = first.peers
        let payload = try TestZstd.message([second.json])
        let counter = try PeerCounter()
        var tallies = [PeerTally(), PeerTally(), PeerTally()]
        for index in tallies.indices { _ = try counter.count(payload, isCompressed: true, in: &tallies[index]) }
        #expect(counter.cacheHits == 2)
        #expect(tallies[0].count == messages.peers.count)
        #expect(tallies[0] == tallies[1])
        #expect(tallies[0] == tallies[2])
    }

    @Test("a frame means something else where the message stands elsewhere")
    func cacheState() throws {
        let ids = (100..<140).map(String.init).joined(separator: ",")
        let list = Array("[\(ids)]".utf8)
        let counter = try PeerCounter()
        var tally = PeerTally()
        let removed = try TestZstd.message([Array(#"{"PeersRemoved":"#.utf8), list, Array("}".utf8)])
        let other = try TestZstd.message([Array(#"{"Other":"#.utf8), list, Array("}".utf8)])
        _ = try counter.count(other, isCompressed: true, in: &tally)
        #expect(tally.strays == 0)
        _ = try counter.count(removed, isCompressed: true, in: &tally)
        #expect(tally.strays == 40)
        _ = try counter.count(other, isCompressed: true, in: &tally)
        #expect(tally.strays == 40)
    }

    @Test("keep-alives count as nothing else", arguments: [#"{"KeepAlive":true}"#, #"{"KeepAlive": true,"Seq":1}"#])
    func keepAlive(json: String) throws {
        var tally = PeerTally()
        #expect(try !PeerCounter().count(ByteBuffer(string: json), isCompressed: false, in: &tally))
        #expect(tally == PeerTally())
    }

    @Test("a message with KeepAlive false is more than a keep-alive")
    func noKeepAlive() throws {
        var tally = PeerTally()
        let json = ByteBuffer(string: #"{"KeepAlive":false,"Peers":[{"ID":4}]}"#)
        #expect(try PeerCounter().count(json, isCompressed: false, in: &tally))
        #expect(tally.ids == [4])
    }

    @Test(
        "what is no whole message is refused",
        arguments: ["{", "{\"a", "]", "{}}", "[[[]", #"{"Peers":[{"ID":1}"#]
    )
    func malformed(json: String) throws {
        var tally = PeerTally()
        let counter = try PeerCounter()
        #expect(throws: ClientError.self) {
            try counter.count(ByteBuffer(string: json), isCompressed: false, in: &tally)
        }
        let compressed = try TestZstd.message([Array(json.utf8)])
        #expect(throws: ClientError.self) { try counter.count(compressed, isCompressed: true, in: &tally) }
    }

    @Test("brackets may not go deeper than the scanner can remember")
    func depth() throws {
        var tally = PeerTally()
        let json = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: ClientError.self) {
            try PeerCounter().count(ByteBuffer(string: json), isCompressed: false, in: &tally)
        }
    }

    @Test("ids of other things than peers are passed over")
    func otherIDs() throws {
        let json =
            #"{"Node":{"Hostinfo":{"ID":8},"ID":7},"UserProfiles":[{"ID":5}],"DERPMap":{"Regions":{"1":{"ID":9}}},"#
            + #""Peers":[{"ID":2,"CapMap":{"ID":[3]},"Tags":["ID"]},{"User":{"ID":4},"ID":6}],"ID":1}"#
        var tally = PeerTally()
        _ = try PeerCounter().count(ByteBuffer(string: json), isCompressed: false, in: &tally)
        #expect(tally.own == 7)
        #expect(tally.ids == [2, 6])
    }

    @Test("a client that is its own peer, and changes of unknown peers, are strays")
    func strays() throws {
        let json =
            #"{"Node":{"ID":7},"PeersChanged":[{"ID":7}],"PeersRemoved":[3],"PeersChangedPatch":[{"NodeID":4}]}"#
        var tally = PeerTally()
        _ = try PeerCounter().count(ByteBuffer(string: json), isCompressed: false, in: &tally)
        #expect(tally.strays == 3)
    }

    @Test("an empty list of peers leaves them, as in Go clients; a whole list replaces them")
    func replacing() throws {
        let counter = try PeerCounter()
        var tally = PeerTally()
        for (json, ids) in [
            (#"{"Peers":[{"ID":2},{"ID":3}]}"#, [2, 3]), (#"{"Peers":[]}"#, [2, 3]), (#"{"Peers":null}"#, [2, 3]),
            (#"{"Peers":[{"ID":4}]}"#, [4]),
        ] as [(String, [Int64])] {
            _ = try counter.count(ByteBuffer(string: json), isCompressed: false, in: &tally)
            #expect(tally.ids == ids)
        }
    }
}
