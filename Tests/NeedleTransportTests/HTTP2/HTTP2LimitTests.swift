// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleTransport

@Suite("Limits of HTTP/2")
struct HTTP2LimitTests {
    private static func limits(_ change: (inout HTTP2ServerLimits) -> Void) -> HTTP2ServerLimits {
        var limits = HTTP2ServerLimits()
        change(&limits)
        return limits
    }

    @Test("streams over the limit are refused, and taken again when one is over")
    func streams() throws {
        var connection = try HTTP2TestConnection(Self.limits { $0.streamsMax = 2 })
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post), .headers(3, HTTP2TestBlock.post))
        #expect(try connection.receive(.headers(5, HTTP2TestBlock.get, ends: true)).isEmpty)
        #expect(try connection.takeFrames() == [.reset(5, HTTP2FaultCode.refusedStream.rawValue)])
        _ = try connection.receive(.reset(1))
        #expect(try connection.receive(.headers(7, HTTP2TestBlock.get, ends: true)).count == 1)
        #expect(connection.machine.streamCount == 2)
    }

    @Test("resets, by the client or because of it, are counted together")
    func resets() throws {
        var connection = try HTTP2TestConnection(Self.limits { $0.resetsMax = 3 })
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post), .reset(1))
        _ = try connection.receive(.headers(3, [0x82], ends: true))
        _ = try connection.receive(.headers(5, HTTP2TestBlock.post), .windowUpdate(5, 0))
        try connection.expectFault(.enhanceYourCalm, [.headers(7, HTTP2TestBlock.post), .reset(7)])
    }

    @Test("after 30 s the count begins again")
    func window() throws {
        var connection = try HTTP2TestConnection(Self.limits { $0.resetsMax = 3 })
        for round in 0..<20 {
            connection.now = connection.now + .seconds(11)
            let stream = UInt32(round * 2 + 1)
            _ = try connection.receive(.headers(stream, HTTP2TestBlock.post), .reset(stream))
        }
        #expect(connection.machine.phase == .open)
    }

    @Test(
        "control frames are counted, whatever they are",
        arguments: [
            HTTP2TestFrame.ping(), .ping(isAnswer: true), .settings(), .settingsAcknowledgement, .data(1, ""),
            HTTP2TestFrame(kind: 0, flags: 8, stream: 1, payload: [1, 0]),
            HTTP2TestFrame(kind: 2, stream: 1, payload: [0, 0, 0, 0, 1]), HTTP2TestFrame(kind: 99),
            HTTP2TestFrame(kind: 7, payload: .init(repeating: 0, count: 8)),
        ]
    )
    func control(frame: HTTP2TestFrame) throws {
        // Two have passed at the beginning.
        var connection = try HTTP2TestConnection(Self.limits { $0.controlFramesMax = 12 })
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post))
        for _ in 0..<10 { _ = try connection.receive(frame) }
        _ = try connection.takeFrames()
        try connection.expectFault(.enhanceYourCalm, [frame])
    }

    @Test("answers may not pile up for a client that does not read")
    func held() throws {
        let limits = Self.limits {
            $0.controlFramesMax = 10_000
            $0.controlFramesHeldMax = 20
        }
        var connection = try HTTP2TestConnection(limits)
        for _ in 0..<20 { _ = try connection.receive(.ping()) }
        #expect(try connection.takeFrames().count == 20)
        for _ in 0..<20 { _ = try connection.receive(.ping()) }
        try connection.expectFault(.enhanceYourCalm, [.ping()])
    }

    @Test("answers without a body may not pile up either")
    func heldAnswers() throws {
        var connection = try HTTP2TestConnection(Self.limits { $0.controlFramesHeldMax = 20 })
        for number in 0..<21 as Range<UInt32> {
            _ = try connection.receive(.headers(2 * number + 1, HTTP2TestBlock.get))
            connection.machine.sendHead(HTTP2ResponseHead(status: 204), ends: true, stream: 2 * number + 1)
        }
        try connection.expectFault(.enhanceYourCalm, [.headers(43, HTTP2TestBlock.get)])
    }

    @Test("CONTINUATION frames have a limit, however short")
    func continuations() throws {
        var connection = try HTTP2TestConnection(Self.limits { $0.continuationsMax = 2 })
        let empty = HTTP2TestFrame(kind: 9, stream: 1)
        let last = HTTP2TestFrame(kind: 9, flags: 4, stream: 1)
        let start = HTTP2TestFrame(kind: 1, flags: 1, stream: 1, payload: HTTP2TestBlock.get)
        #expect(try connection.receive(start, empty, last).count == 1)
        let second = HTTP2TestFrame(kind: 1, flags: 1, stream: 3, payload: HTTP2TestBlock.get)
        let next = HTTP2TestFrame(kind: 9, stream: 3)
        try connection.expectFault(.enhanceYourCalm, [second, next, next, next])
    }

    @Test("a header block has a limit, as it comes and when it is read")
    func headerBytes() throws {
        let limits = Self.limits { $0.headerBytesMax = 300 }
        let field = HTTP2TestBlock.field("name", String(repeating: "v", count: 100))
        var compressed = try HTTP2TestConnection(limits)
        try compressed.expectFault(.enhanceYourCalm, [.headers(1, HTTP2TestBlock.get + field + field + field)])
        // Few bytes that mean many: a long field, and references to it.
        var read = HTTP2TestConnection(fresh: limits)
        _ = try read.receive(HTTP2ServerMachine.preface + HTTP2TestFrame.settings().bytes)
        let long = HTTP2TestBlock.field("name", String(repeating: "v", count: 100), indexed: true)
        try read.expectFault(
            .enhanceYourCalm,
            [.headers(1, HTTP2TestBlock.get + long + [0xbe, 0xbe, 0xbe], ends: true)]
        )
    }

    @Test("frames over the limit are refused when their head is there")
    func frameBytes() throws {
        var connection = try HTTP2TestConnection(Self.limits { $0.frameBytesMax = 20_000 })
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post))
        #expect(try connection.receive(.data(1, [UInt8](repeating: 0, count: 20_000))).count == 1)
        _ = try connection.takeFrames()
        #expect(throws: HTTP2ServerFault(.frameSizeError, "a frame of 20001 bytes")) {
            try connection.receive(HTTP2TestFrame(kind: 0, stream: 1, claimedLength: 20_001).bytes)
        }
    }

    @Test("the limits of a listener are those of its connections")
    func ofListener() {
        var limits = TransportLimits()
        #expect(HTTP2ServerLimits(limits) == HTTP2ServerLimits())
        limits.frameBytesMax = 1000
        limits.resetsMax = 9
        #expect(HTTP2ServerLimits(limits).frameBytesMax == 16_384)
        #expect(HTTP2ServerLimits(limits).resetsMax == 9)
    }
}
