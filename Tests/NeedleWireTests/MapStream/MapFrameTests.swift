// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleWire
import Testing

@Suite struct MapFrameTests {
    @Test("the length comes first, lowest byte first")
    func prefix() {
        #expect(MapFrame.prefix(payloadCount: 0x0102_0304) == [4, 3, 2, 1])
        #expect(MapFrame.prefix(payloadCount: 0) == [0, 0, 0, 0])
        #expect(MapFrame.prefix(payloadCount: MapFrame.payloadMax) == [255, 255, 255, 255])
        #expect(MapFrame.prefix(payloadCount: MapFrame.payloadMax + 1) == nil)
        #expect(MapFrame.prefix(payloadCount: -1) == nil)
        #expect(MapFrame.encode([9, 8]) == [2, 0, 0, 0, 9, 8])
    }

    @Test("messages arrive whole, however the stream is cut", arguments: UInt64(1)...20)
    func chunking(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let messages = (0..<30).map { _ in
            (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var stream = messages.flatMap { MapFrame.encode($0) ?? [] }[...]
        var decoder = MapFrameDecoder(payloadMax: 300)
        var received: [[UInt8]] = []
        while !stream.isEmpty {
            let piece = stream.prefix(Int.random(in: 1...400, using: &random))
            stream.removeFirst(piece.count)
            decoder.append(piece)
            while let message = try decoder.next() { received.append(message) }
        }
        #expect(received == messages)
        #expect(decoder.bufferedCount == 0)
    }

    @Test("an incomplete message waits, and shows at the end")
    func incomplete() throws {
        var decoder = MapFrameDecoder()
        for byte: UInt8 in [2, 0, 0, 0, 7] {
            decoder.append([byte])
            #expect(try decoder.next() == nil)
        }
        #expect(decoder.bufferedCount == 5)
        decoder.append([8])
        #expect(try decoder.next() == [7, 8])
    }

    @Test("a message beyond the limit is refused from its length alone, for good")
    func limit() throws {
        var decoder = MapFrameDecoder(payloadMax: 10)
        decoder.append([1, 0, 0, 0, 5])
        #expect(try decoder.next() == [5])
        decoder.append([11, 0, 0, 0])
        for _ in 0..<2 {
            let error = #expect(throws: WireError.self) { try decoder.next() }
            #expect(error?.code == .limitExceeded)
            decoder.append([1, 0, 0, 0, 5])
        }
        #expect(decoder.bufferedCount == 0)
        var defaults = MapFrameDecoder()
        defaults.append([255, 255, 255, 255])
        #expect(throws: WireError.self) { try defaults.next() }
    }
}
