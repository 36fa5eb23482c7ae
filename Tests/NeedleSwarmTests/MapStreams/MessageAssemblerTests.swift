// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleTesting
import NeedleWire
import Testing

@testable import NeedleSwarm

@Suite struct MessageAssemblerTests {
    @Test("gives the same messages however the stream is cut", arguments: 0..<40 as Range<UInt64>)
    func cuts(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let messages = (0..<20).map { _ in
            [UInt8](repeating: .random(in: .min ... .max, using: &random), count: .random(in: 0...300, using: &random))
        }
        var stream = ByteBuffer(bytes: messages.flatMap { MapFrame.encode($0) ?? [] })
        var assembler = MessageAssembler(payloadMax: 300)
        var received: [[UInt8]] = []
        while stream.readableBytes > 0 {
            let count = min(stream.readableBytes, Int.random(in: 1...500, using: &random))
            let slice = stream.readSlice(length: count)
            let piece = try #require(slice)
            try assembler.receive(piece) { (payload) throws(ClientError) in received.append(Array(buffer: payload)) }
        }
        #expect(received == messages)
        #expect(!assembler.isInsideMessage)
    }

    @Test("refuses a message that is too long before it has come")
    func tooLong() {
        var assembler = MessageAssembler(payloadMax: 10)
        #expect(throws: ClientError.self) {
            try assembler.receive(ByteBuffer(bytes: [11, 0, 0, 0])) { _ throws(ClientError) in }
        }
    }

    @Test("knows when it is inside a message")
    func inside() throws {
        var assembler = MessageAssembler(payloadMax: 10)
        try assembler.receive(ByteBuffer(bytes: [2, 0, 0, 0, 1])) { _ throws(ClientError) in }
        #expect(assembler.isInsideMessage)
        try assembler.receive(ByteBuffer(bytes: [1])) { _ throws(ClientError) in }
        #expect(!assembler.isInsideMessage)
    }
}
