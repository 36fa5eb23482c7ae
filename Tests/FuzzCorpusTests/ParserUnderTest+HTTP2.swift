// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import NeedleTesting

@testable import NeedleTransport

// The fuzzer compiles this file too, by a symbolic link in FuzzTesting.

extension ParserUnderTest {
    /// A client's bytes on an HTTP/2 connection, where every request is answered: cut in any way they mean the same
    /// and are answered the same, in whole frames.
    static let http2Server = Self("http2-server") { (input) throws(ParserFault) in
        let whole = HTTP2Conversation([input])
        let pieces = HTTP2Conversation(input.growingPieces)
        try ParserFault.unlessEqual(pieces.events, whole.events, "in one piece")
        try ParserFault.unlessEqual(pieces.fault, whole.fault, "fault in one piece")
        try ParserFault.unlessEqual(pieces.output, whole.output, "output in one piece")
        try HTTP2Conversation.checkFrames(whole.output)
    }
}

/// What a client's bytes led to.
private struct HTTP2Conversation {
    private(set) var events: [HTTP2ServerEvent] = []
    private(set) var fault: HTTP2ServerFault?
    private(set) var output: [UInt8] = []

    /// Answers when a request is complete, with as much as a few frames hold.
    init(_ pieces: [[UInt8]]) {
        var limits = HTTP2ServerLimits()
        limits.streamsMax = 4
        limits.continuationsMax = 3
        limits.resetsMax = 8
        limits.controlFramesMax = 40
        var machine = HTTP2ServerMachine(limits: limits)
        machine.open()
        do throws(HTTP2ServerFault) {
            for piece in pieces {
                machine.receive(ByteBuffer(bytes: piece))
                while let event = try machine.next(now: .uptimeNanoseconds(1)) {
                    events.append(event)
                    Self.answer(event, &machine)
                }
            }
        } catch {
            fault = error
        }
        while let next = machine.takeOutput(bytesMax: 30_000) {
            next.bytes.forEachBuffer { bytes, _ in output += bytes.readableBytesView }
        }
    }

    private static func answer(_ event: HTTP2ServerEvent, _ machine: inout HTTP2ServerMachine) {
        switch event {
        case .request(let stream, _, true), .body(let stream, _, true):
            machine.sendHead(HTTP2ResponseHead(status: 200, contentLength: 40_000), ends: false, stream: stream)
            let body = ByteBuffer(repeating: UInt8(truncatingIfNeeded: stream), count: 40_000)
            machine.sendBody(body, ends: true, stream: stream)
        case .request, .body, .reset, .goAway: break
        }
    }

    /// Sees to it that output is whole frames.
    static func checkFrames(_ output: [UInt8]) throws(ParserFault) {
        var rest = ByteBuffer(bytes: output)
        while rest.readableBytes > 0 {
            guard let head = rest.peekFrameHead() else { throw ParserFault("a frame's head is cut") }
            rest.moveReaderIndex(forwardBy: HTTP2FrameHead.byteCount)
            guard rest.readSlice(length: head.length) != nil else { throw ParserFault("a frame is cut") }
        }
    }
}
