// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleTransport

@Suite("Windows of HTTP/2")
struct HTTP2FlowControlTests {
    private static func sizes(_ frames: [HTTP2TestFrame]) -> [Int] {
        frames.filter { $0.kind == 0 }.map(\.payload.count)
    }

    private static func body(_ count: Int) -> ByteBuffer {
        ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    }

    // MARK: - Ours to send

    @Test("a body goes as far as the stream's window, and on when it opens")
    func streamWindow() throws {
        var connection = try HTTP2TestConnection(settings: [(4, 10)])
        try connection.openAnswered(1)
        #expect(connection.machine.hasRoom(stream: 1))
        connection.machine.sendBody(Self.body(25), ends: true, stream: 1)
        #expect(Self.sizes(try connection.takeFrames()) == [10])
        #expect(!connection.machine.hasRoom(stream: 1))
        #expect(connection.machine.waitingBytes(stream: 1) == 15)
        #expect(try connection.takeFrames().isEmpty)
        _ = try connection.receive(.windowUpdate(1, 14))
        #expect(Self.sizes(try connection.takeFrames()) == [14])
        _ = try connection.receive(.windowUpdate(1, 1))
        #expect(try connection.takeFrames() == [.data(1, [24], ends: true)])
        #expect(!connection.machine.isOpen(stream: 1))
    }

    @Test("the connection's window bounds all streams together, which go on in turn")
    func connectionWindow() throws {
        var connection = try HTTP2TestConnection(settings: [(4, 1_000_000)])
        for stream: UInt32 in [1, 3] {
            try connection.openAnswered(stream)
            connection.machine.sendBody(Self.body(50_000), ends: true, stream: stream)
        }
        let frames = try connection.takeFrames()
        #expect(frames.map(\.stream) == [1, 3, 1, 3])
        #expect(Self.sizes(frames).reduce(0, +) == 65_535)
        #expect(!connection.machine.hasRoom(stream: 1))
        _ = try connection.receive(.windowUpdate(0, 100_000))
        let rest = try connection.takeFrames()
        #expect(Self.sizes(rest).reduce(0, +) == 100_000 - 65_535)
        #expect(rest.map(\.stream).prefix(2) == [1, 3])
        #expect(connection.machine.streamCount == 0)
    }

    @Test("streams take turns also when little is taken at a time")
    func turns() throws {
        var connection = try HTTP2TestConnection(settings: [(4, 1_000_000)])
        for stream: UInt32 in [1, 3, 5] {
            try connection.openAnswered(stream)
            connection.machine.sendBody(Self.body(20_000), ends: false, stream: stream)
        }
        let order = try (0..<6).flatMap { _ in try connection.takeFrames(bytesMax: 100).map(\.stream) }
        #expect(order == [1, 3, 5, 1, 3, 5])
        _ = try connection.receive(.reset(3))
        #expect(try connection.takeFrames(bytesMax: 100).map(\.stream) == [1])
        #expect(try connection.takeFrames(bytesMax: 100).map(\.stream) == [5])
    }

    @Test("SETTINGS may make a window negative, which must be made up for first")
    func negativeWindow() throws {
        var connection = try HTTP2TestConnection(settings: [(4, 100)])
        try connection.openAnswered(1)
        connection.machine.sendBody(Self.body(150), ends: true, stream: 1)
        #expect(Self.sizes(try connection.takeFrames()) == [100])
        _ = try connection.receive(.settings([(4, 40)]))
        #expect(try connection.takeFrames() == [.settingsAcknowledgement])
        _ = try connection.receive(.windowUpdate(1, 60))
        #expect(try connection.takeFrames().isEmpty)
        #expect(!connection.machine.hasRoom(stream: 1))
        _ = try connection.receive(.windowUpdate(1, 1))
        #expect(Self.sizes(try connection.takeFrames()) == [1])
        _ = try connection.receive(.settings([(4, 1000)]))
        #expect(Self.sizes(try connection.takeFrames()) == [49])
    }

    @Test("a new stream has the window of the newest SETTINGS")
    func initialWindow() throws {
        var connection = try HTTP2TestConnection(settings: [(4, 0)])
        try connection.openAnswered(1)
        #expect(!connection.machine.hasRoom(stream: 1))
        // An end needs no window.
        connection.machine.sendBody(ByteBuffer(), ends: true, stream: 1)
        #expect(try connection.takeFrames() == [.data(1, "", ends: true)])
        _ = try connection.receive(.settings([(4, 5), (4, 3)]))
        _ = try connection.takeFrames()
        try connection.openAnswered(3)
        connection.machine.sendBody(Self.body(9), ends: false, stream: 3)
        #expect(Self.sizes(try connection.takeFrames()) == [3])
    }

    @Test("a frame is as large as the client takes it", arguments: [16_384, 30_000, 1 << 24 - 1])
    func frameSize(max: Int) throws {
        var connection = try HTTP2TestConnection(settings: [(4, 1 << 30), (5, UInt32(max))])
        _ = try connection.receive(.windowUpdate(0, 1 << 20))
        try connection.openAnswered(1)
        let body = Self.body(70_000)
        connection.machine.sendBody(body, ends: true, stream: 1)
        let frames = try connection.takeFrames()
        #expect(Self.sizes(frames).allSatisfy { $0 <= max })
        #expect(frames.count == (70_000 + max - 1) / max)
        #expect(frames.flatMap(\.payload) == Array(body.readableBytesView))
        #expect(frames.map { $0.flags } == frames.dropLast().map { _ in 0 } + [1])
    }

    @Test("a stream is full above the high mark, and has room again below the low one")
    func watermarks() throws {
        var limits = HTTP2ServerLimits()
        limits.streamHighWaterBytes = 100
        limits.streamLowWaterBytes = 20
        var connection = try HTTP2TestConnection(limits, settings: [(4, 1)])
        try connection.openAnswered(1)
        connection.machine.sendBody(Self.body(101), ends: false, stream: 1)
        _ = try connection.receive(.windowUpdate(1, 80))
        _ = try connection.takeFrames(bytesMax: 50)
        #expect(!connection.machine.hasRoom(stream: 1))
        _ = try connection.takeFrames()
        #expect(connection.machine.waitingBytes(stream: 1) == 20)
        _ = try connection.receive(.windowUpdate(1, 2))
        #expect(!connection.machine.hasRoom(stream: 1))
        _ = try connection.takeFrames(bytesMax: 10)
        #expect(connection.machine.hasRoom(stream: 1))
    }

    @Test("many small pieces keep their order", arguments: [1, 7, 4096, 16_384])
    func pieces(window: UInt32) throws {
        var connection = try HTTP2TestConnection(settings: [(4, window)])
        try connection.openAnswered(1)
        var expected: [UInt8] = []
        var found: [UInt8] = []
        for number in 0..<300 {
            let piece = [UInt8](repeating: UInt8(number % 251), count: number % 13)
            expected += piece
            connection.machine.sendBody(ByteBuffer(bytes: piece), ends: false, stream: 1)
            if number % 50 == 0 { found += try connection.takeFrames().flatMap(\.payload) }
        }
        while connection.machine.waitingBytes(stream: 1) > 0 {
            _ = try connection.receive(.windowUpdate(1, window))
            found += try connection.takeFrames().filter { $0.kind == 0 }.flatMap(\.payload)
        }
        #expect(found == expected)
    }

    @Test("what was handed out is known by a mark that grows")
    func marks() throws {
        var connection = try HTTP2TestConnection()
        try connection.openAnswered(1)
        try connection.openAnswered(3)
        connection.machine.sendBody(Self.body(10), ends: false, stream: 1)
        let first = connection.machine.takeOutput(bytesMax: .max)
        #expect(first?.mark == 10)
        connection.machine.sendBody(Self.body(5), ends: false, stream: 3)
        _ = connection.machine.takeOutput(bytesMax: .max)
        #expect(connection.machine.handedMark(stream: 1) == 10)
        #expect(connection.machine.handedMark(stream: 3) == 15)
        _ = try connection.receive(.ping())
        let control = connection.machine.takeOutput(bytesMax: .max)
        #expect(control != nil && control?.mark == nil)
    }

    // MARK: - The client's to send

    @Test("the windows are opened again when half of them is used")
    func opening() throws {
        var connection = try HTTP2TestConnection()
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post))
        let piece = [UInt8](repeating: 1, count: 16_384)
        #expect(try connection.receive(.data(1, piece)).count == 1)
        #expect(try connection.takeFrames().isEmpty)
        _ = try connection.receive(.data(1, piece))
        #expect(try connection.takeFrames() == [.windowUpdate(0, 32_768), .windowUpdate(1, 32_768)])
        for _ in 0..<100 { _ = try connection.receive(.data(1, piece)) }
        #expect(try connection.takeFrames().count == 100)
    }

    @Test("padding counts, and what is sent to a stream that is gone counts for the connection")
    func padding() throws {
        var connection = try HTTP2TestConnection()
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post), .reset(1))
        for _ in 0..<128 {
            let payload = [255] + [UInt8](repeating: 0, count: 255)
            _ = try connection.receive(HTTP2TestFrame(kind: 0, flags: 8, stream: 1, payload: payload + [1]))
        }
        let frames = try connection.takeFrames()
        #expect(frames.count == 1)
        #expect(frames.first?.stream == 0)
    }

    @Test("more than a stream's window ends the stream, more than the connection's the connection")
    func overflow() throws {
        var limits = HTTP2ServerLimits()
        limits.windowBytes = 1000
        var connection = try HTTP2TestConnection(limits)
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post))
        let tooMuch = HTTP2TestFrame.data(1, [UInt8](repeating: 1, count: 1001))
        try connection.expectReset(.flowControlError, 1, [tooMuch])
        // Before its own half is used, the connection's window is not opened; one frame cannot pass it.
        limits.frameBytesMax = 1 << 20
        limits.windowBytes = 65_535
        var second = try HTTP2TestConnection(limits)
        _ = try second.receive(.headers(1, HTTP2TestBlock.post))
        try second.expectFault(.flowControlError, [.data(1, [UInt8](repeating: 1, count: 65_536))])
    }

    @Test("until a client has acknowledged a smaller window, it may use the usual one")
    func beforeAcknowledgement() throws {
        var limits = HTTP2ServerLimits()
        limits.windowBytes = 1000
        var connection = HTTP2TestConnection(fresh: limits)
        _ = try connection.receive(HTTP2ServerMachine.preface + HTTP2TestFrame.settings().bytes)
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post))
        #expect(try connection.receive(.data(1, [UInt8](repeating: 1, count: 16_384))).count == 1)
        _ = try connection.receive(.settingsAcknowledgement, .headers(3, HTTP2TestBlock.post))
        _ = try connection.takeFrames()
        try connection.expectReset(.flowControlError, 3, [.data(3, [UInt8](repeating: 1, count: 1001))])
    }
}
