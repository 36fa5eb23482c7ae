// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleTransport

/// Frames that a client must not send when its streams 1 and 3 were open and 3 is still.
struct HTTP2FaultCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: HTTP2FaultCode
    let frames: [HTTP2TestFrame]

    init(_ text: String, _ code: HTTP2FaultCode, _ frames: HTTP2TestFrame...) {
        testDescription = text
        self.code = code
        self.frames = frames
    }
}

@Suite("What clients may not do in HTTP/2")
struct HTTP2ServerFaultTests {
    static let connectionFaults = [
        HTTP2FaultCase(
            "a frame over the limit",
            .frameSizeError,
            HTTP2TestFrame(kind: 0, stream: 3, claimedLength: 16_385)
        ),
        HTTP2FaultCase("HEADERS on no stream", .protocolError, .headers(0, HTTP2TestBlock.get)),
        HTTP2FaultCase("HEADERS on a stream of ours", .protocolError, .headers(2, HTTP2TestBlock.get)),
        HTTP2FaultCase("DATA on no stream", .protocolError, .data(0, "x")),
        HTTP2FaultCase("DATA on a stream not opened yet", .protocolError, .data(5, "x")),
        HTTP2FaultCase("a push", .protocolError, HTTP2TestFrame(kind: 5, stream: 3, payload: [0, 0, 0, 2])),
        HTTP2FaultCase("CONTINUATION of nothing", .protocolError, HTTP2TestFrame(kind: 9, flags: 4, stream: 3)),
        HTTP2FaultCase(
            "CONTINUATION of another stream's block",
            .protocolError,
            HTTP2TestFrame(kind: 1, stream: 5, payload: HTTP2TestBlock.get),
            HTTP2TestFrame(kind: 9, flags: 4, stream: 7)
        ),
        HTTP2FaultCase(
            "another frame inside a block",
            .protocolError,
            HTTP2TestFrame(kind: 1, stream: 5, payload: HTTP2TestBlock.get),
            .ping()
        ),
        HTTP2FaultCase("a broken block", .compressionError, .headers(5, [0xff])),
        HTTP2FaultCase("an index that is none", .compressionError, .headers(5, [0x80])),
        HTTP2FaultCase(
            "padding longer than HEADERS",
            .protocolError,
            HTTP2TestFrame(kind: 1, flags: 12, stream: 5, payload: [9])
        ),
        HTTP2FaultCase(
            "padding longer than DATA",
            .protocolError,
            HTTP2TestFrame(kind: 0, flags: 8, stream: 3, payload: [2, 0])
        ),
        HTTP2FaultCase("DATA without its padding", .frameSizeError, HTTP2TestFrame(kind: 0, flags: 8, stream: 3)),
        HTTP2FaultCase(
            "HEADERS without their priority",
            .frameSizeError,
            HTTP2TestFrame(kind: 1, flags: 0x24, stream: 5, payload: [0, 0, 0, 0])
        ),
        HTTP2FaultCase("SETTINGS on a stream", .protocolError, HTTP2TestFrame(kind: 4, stream: 3)),
        HTTP2FaultCase("SETTINGS cut short", .frameSizeError, HTTP2TestFrame(kind: 4, payload: [0, 4, 0, 0, 0])),
        HTTP2FaultCase(
            "an acknowledgement that holds something",
            .frameSizeError,
            HTTP2TestFrame(kind: 4, flags: 1, payload: [1])
        ),
        HTTP2FaultCase("a window over 2^31 - 1", .flowControlError, .settings([(4, 0x8000_0000)])),
        HTTP2FaultCase("a frame size below the least", .protocolError, .settings([(5, 16_383)])),
        HTTP2FaultCase("a frame size above the most", .protocolError, .settings([(5, 1 << 24)])),
        HTTP2FaultCase("pushes neither on nor off", .protocolError, .settings([(2, 2)])),
        HTTP2FaultCase(
            "PING on a stream",
            .protocolError,
            HTTP2TestFrame(kind: 6, stream: 3, payload: [1, 2, 3, 4, 5, 6, 7, 8])
        ),
        HTTP2FaultCase("a short PING", .frameSizeError, HTTP2TestFrame(kind: 6, payload: [1])),
        HTTP2FaultCase(
            "GOAWAY on a stream",
            .protocolError,
            HTTP2TestFrame(kind: 7, stream: 3, payload: .init(repeating: 0, count: 8))
        ),
        HTTP2FaultCase(
            "a short GOAWAY",
            .frameSizeError,
            HTTP2TestFrame(kind: 7, payload: .init(repeating: 0, count: 7))
        ),
        HTTP2FaultCase("a short WINDOW_UPDATE", .frameSizeError, HTTP2TestFrame(kind: 8, payload: [0, 0, 1])),
        HTTP2FaultCase("WINDOW_UPDATE by nothing", .protocolError, .windowUpdate(0, 0)),
        HTTP2FaultCase("a connection's window over 2^31 - 1", .flowControlError, .windowUpdate(0, 0x7fff_ffff)),
        HTTP2FaultCase("WINDOW_UPDATE on a stream not opened yet", .protocolError, .windowUpdate(5, 1)),
        HTTP2FaultCase("WINDOW_UPDATE on a stream of ours", .protocolError, .windowUpdate(2, 1)),
        HTTP2FaultCase("a short RST_STREAM", .frameSizeError, HTTP2TestFrame(kind: 3, stream: 3, payload: [0])),
        HTTP2FaultCase("RST_STREAM on no stream", .protocolError, .reset(0)),
        HTTP2FaultCase("RST_STREAM on a stream not opened yet", .protocolError, .reset(5)),
        HTTP2FaultCase("PRIORITY on no stream", .protocolError, HTTP2TestFrame(kind: 2, payload: [0, 0, 0, 0, 1])),
        HTTP2FaultCase(
            "a short PRIORITY on a stream not opened yet",
            .frameSizeError,
            HTTP2TestFrame(kind: 2, stream: 9)
        ),
        HTTP2FaultCase(
            "a stream's window made too large by SETTINGS",
            .flowControlError,
            .windowUpdate(3, 0x7fff_ffff - 65_535),
            .settings([(4, 65_536)])
        ),
    ]

    static let streamFaults = [
        HTTP2FaultCase("DATA behind the request", .streamClosed, .data(3, "", ends: true), .data(3, "x")),
        HTTP2FaultCase(
            "HEADERS behind the request",
            .streamClosed,
            .data(3, "", ends: true),
            .headers(3, [], ends: true)
        ),
        HTTP2FaultCase("trailers that do not end", .protocolError, .headers(3, HTTP2TestBlock.field("a", "b"))),
        HTTP2FaultCase("pseudo-header fields in trailers", .protocolError, .headers(3, [0x82], ends: true)),
        HTTP2FaultCase("WINDOW_UPDATE by nothing", .protocolError, .windowUpdate(3, 0)),
        HTTP2FaultCase("a window over 2^31 - 1", .flowControlError, .windowUpdate(3, 0x7fff_ffff)),
        HTTP2FaultCase("a short PRIORITY", .frameSizeError, HTTP2TestFrame(kind: 2, stream: 3, payload: [0])),
        HTTP2FaultCase(
            "HEADERS on a stream that is over",
            .streamClosed,
            .reset(3),
            .headers(3, HTTP2TestBlock.get, ends: true)
        ),
    ]

    /// Blocks that are no request.
    static let malformedBlocks: [[UInt8]] = [
        [],
        [0x82, 0x87],
        [0x82, 0x84],
        [0x87, 0x84],
        HTTP2TestBlock.get + [0x82],
        HTTP2TestBlock.get + [0x88],
        HTTP2TestBlock.get + HTTP2TestBlock.field(":protocol", "websocket"),
        HTTP2TestBlock.field("a", "b") + HTTP2TestBlock.get,
        HTTP2TestBlock.get + HTTP2TestBlock.field("Name", "b"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("a b", "b"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("a", "b\r\nc"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("a", "\0"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("connection", "close"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("transfer-encoding", "chunked"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("te", "gzip"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("content-length", "-1"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("content-length", ""),
        HTTP2TestBlock.get + HTTP2TestBlock.field("content-length", "99999999999999999999"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("content-length", "1"),
        HTTP2TestBlock.get + HTTP2TestBlock.field("content-length", "0") + HTTP2TestBlock.field("content-length", "1"),
        [0x82, 0x87] + HTTP2TestBlock.field(":path", ""),
    ]

    private func connected() throws -> HTTP2TestConnection {
        var connection = try HTTP2TestConnection()
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post), .reset(1), .headers(3, HTTP2TestBlock.post))
        return connection
    }

    @Test("the connection ends, and is told why", arguments: connectionFaults)
    func connection(fault: HTTP2FaultCase) throws {
        var connection = try connected()
        try connection.expectFault(fault.code, fault.frames)
    }

    @Test("the stream ends, and the connection goes on", arguments: streamFaults)
    func stream(fault: HTTP2FaultCase) throws {
        var connection = try connected()
        try connection.expectReset(fault.code, 3, fault.frames)
        #expect(try connection.receive(.headers(5, HTTP2TestBlock.get, ends: true)).count == 1)
    }

    @Test("what is no request is reset and reaches nobody", arguments: malformedBlocks)
    func malformed(block: [UInt8]) throws {
        var connection = try connected()
        #expect(try connection.receive(.headers(5, block, ends: true)).isEmpty)
        #expect(try connection.takeFrames() == [.reset(5, HTTP2FaultCode.protocolError.rawValue)])
    }

    @Test("a field of trailers is allowed to say `te: trailers`, and a request as well")
    func te() throws {
        var connection = try connected()
        let field = HTTP2TestBlock.field("te", "trailers")
        #expect(try connection.receive(.headers(3, field, ends: true)).count == 1)
        #expect(try connection.receive(.headers(5, HTTP2TestBlock.get + field, ends: true)).count == 1)
    }

    @Test("a body must be as long as announced", arguments: ["1", "3"])
    func contentLength(announced: String) throws {
        var connection = try connected()
        let head = HTTP2TestBlock.post + HTTP2TestBlock.field("content-length", announced)
        try connection.expectReset(.protocolError, 5, [.headers(5, head), .data(5, "ab", ends: true)])
        _ = try connection.receive(.headers(7, head))
        let trailers = HTTP2TestFrame.headers(7, HTTP2TestBlock.field("a", "b"), ends: true)
        try connection.expectReset(.protocolError, 7, [trailers])
    }
}
