// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import Testing

@testable import NeedleTransport

/// A machine under test, with the client's part written by hand.
struct HTTP2TestConnection {
    var machine: HTTP2ServerMachine
    var now = NIODeadline.uptimeNanoseconds(1)

    /// Begins a connection and lets what both sides begin with pass.
    init(_ limits: HTTP2ServerLimits = HTTP2ServerLimits(), settings: [(UInt16, UInt32)] = []) throws {
        machine = HTTP2ServerMachine(limits: limits)
        machine.open()
        _ = try receive(HTTP2ServerMachine.preface + HTTP2TestFrame.settings(settings).bytes)
        _ = try receive(.settingsAcknowledgement)
        _ = try takeFrames()
    }

    /// Delivers frames in one piece.
    ///
    /// - Returns: all events that follow.
    mutating func receive(_ frames: HTTP2TestFrame...) throws(HTTP2ServerFault) -> [HTTP2ServerEvent] {
        try receive(frames.flatMap(\.bytes))
    }

    mutating func receive(_ bytes: [UInt8]) throws(HTTP2ServerFault) -> [HTTP2ServerEvent] {
        machine.receive(ByteBuffer(bytes: bytes))
        var events: [HTTP2ServerEvent] = []
        while let event = try machine.next(now: now) { events.append(event) }
        return events
    }

    /// What may leave now, all of it.
    mutating func takeFrames(bytesMax: Int = .max) throws -> [HTTP2TestFrame] {
        guard let output = machine.takeOutput(bytesMax: bytesMax) else { return [] }
        var bytes: [UInt8] = []
        var ends: [Bool] = []
        output.bytes.forEachBuffer {
            bytes += $0.readableBytesView
            ends.append($1)
        }
        #expect(bytes.count == output.byteCount)
        #expect(ends.filter { $0 }.count == 1 && ends.last == true)
        return try HTTP2TestFrame.all(in: bytes)
    }

    /// Opens a stream with a complete request, whose answer has begun.
    mutating func openAnswered(_ stream: UInt32) throws {
        _ = try receive(.headers(stream, HTTP2TestBlock.get, ends: true))
        machine.sendHead(HTTP2ResponseHead(status: 200), ends: false, stream: stream)
        _ = try takeFrames(bytesMax: 0)
    }

    /// Expects the client to be told that it broke a rule of the connection.
    mutating func expectFault(
        _ code: HTTP2FaultCode,
        _ frames: [HTTP2TestFrame],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let fault = #expect(throws: HTTP2ServerFault.self, sourceLocation: sourceLocation) {
            _ = try receive(frames.flatMap(\.bytes))
        }
        #expect(fault?.code == code, "\(fault?.text ?? "")", sourceLocation: sourceLocation)
        let last = try #require(try takeFrames().last, sourceLocation: sourceLocation)
        #expect(last.kind == 7, sourceLocation: sourceLocation)
        #expect(Array(last.payload[4..<8]) == HTTP2TestFrame.number(code.rawValue), sourceLocation: sourceLocation)
        #expect(try receive(HTTP2TestFrame.ping().bytes).isEmpty, sourceLocation: sourceLocation)
        #expect(try takeFrames().isEmpty, sourceLocation: sourceLocation)
    }

    /// Expects the client to be told that a stream is over.
    mutating func expectReset(
        _ code: HTTP2FaultCode,
        _ stream: UInt32,
        _ frames: [HTTP2TestFrame],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        _ = try receive(frames.dropLast().flatMap(\.bytes))
        let wasOpen = machine.isOpen(stream: stream)
        let events = try receive(frames.suffix(1).flatMap(\.bytes))
        #expect(
            events == (wasOpen ? [.reset(stream: stream, code: code.rawValue)] : []),
            sourceLocation: sourceLocation
        )
        #expect(try takeFrames().last == .reset(stream, code.rawValue), sourceLocation: sourceLocation)
        #expect(!machine.isOpen(stream: stream), sourceLocation: sourceLocation)
    }
}
