// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import Testing

@testable import NeedleTransport

@Suite("The server's side of HTTP/2")
struct HTTP2ServerMachineTests {
    private static let getFields: HPACKHeaders = [":method": "GET", ":scheme": "https", ":path": "/"]

    /// Without what HPACK says about each field's indexing.
    private static func request(_ events: [HTTP2ServerEvent]) -> (stream: UInt32, method: String?, isComplete: Bool)? {
        guard case .request(let stream, let fields, let isComplete) = events.first else { return nil }
        return (stream, fields.first(name: ":method"), isComplete)
    }

    // MARK: - The beginning

    @Test("the first words are SETTINGS without a table, and the client's are acknowledged")
    func beginning() throws {
        var limits = HTTP2ServerLimits()
        limits.streamsMax = 7
        var connection = HTTP2TestConnection(fresh: limits)
        let frame = try #require(try connection.takeFrames().first)
        let expected: [(UInt16, UInt32)] = [(1, 0), (3, 7), (4, 65_535), (5, 16_384), (6, 16_384)]
        #expect(frame == .settings(expected))
        #expect(try connection.receive(HTTP2ServerMachine.preface + HTTP2TestFrame.settings().bytes).isEmpty)
        #expect(try connection.takeFrames() == [.settingsAcknowledgement])
    }

    @Test("a larger window is announced for streams and granted for the connection")
    func largerWindow() throws {
        var limits = HTTP2ServerLimits()
        limits.windowBytes = 100_000
        var connection = HTTP2TestConnection(fresh: limits)
        #expect(try connection.takeFrames().last == .windowUpdate(0, 100_000 - 65_535))
    }

    @Test(
        "another protocol is refused at its first wrong byte",
        arguments: ["GET / HTTP/1.1\r\n", "PRI * HTTP/1", "\0"]
    )
    func notHTTP2(text: String) throws {
        var connection = HTTP2TestConnection(fresh: HTTP2ServerLimits())
        #expect(throws: HTTP2ServerFault.self) { try connection.receive(Array(text.utf8)) }
    }

    @Test("SETTINGS come first")
    func settingsFirst() throws {
        for frame in [HTTP2TestFrame.ping(), .settingsAcknowledgement, .headers(1, HTTP2TestBlock.get, ends: true)] {
            var connection = HTTP2TestConnection(fresh: HTTP2ServerLimits())
            _ = try connection.takeFrames()
            #expect(try connection.receive(HTTP2ServerMachine.preface).isEmpty)
            try connection.expectFault(.protocolError, [frame])
        }
    }

    // MARK: - Requests

    @Test("a request without a body is complete with its head")
    func head() throws {
        var connection = try HTTP2TestConnection()
        let events = try connection.receive(.headers(1, HTTP2TestBlock.get, ends: true))
        #expect(events == [.request(stream: 1, fields: Self.getFields, isComplete: true)])
    }

    @Test("a body comes in its pieces, padding and priority left out")
    func body() throws {
        var connection = try HTTP2TestConnection()
        let priority: [UInt8] = [0, 0, 0, 0, 16]
        let padded = HTTP2TestFrame(
            kind: 1,
            flags: 0x2c,
            stream: 1,
            payload: [3] + priority + HTTP2TestBlock.post + [0, 0, 0]
        )
        let events = try connection.receive(
            padded,
            .data(1, "ab"),
            HTTP2TestFrame(kind: 0, flags: 8, stream: 1, payload: [2] + Array("cd".utf8) + [0, 0]),
            HTTP2TestFrame(kind: 0, flags: 9, stream: 1, payload: [1, 0])
        )
        let request = try #require(Self.request(events))
        #expect(request == (1, "POST", false))
        #expect(
            Array(events.dropFirst()) == [
                .body(stream: 1, ByteBuffer(string: "ab"), isComplete: false),
                .body(stream: 1, ByteBuffer(string: "cd"), isComplete: false),
                .body(stream: 1, ByteBuffer(), isComplete: true),
            ]
        )
    }

    @Test("a header block may go on in CONTINUATION frames")
    func continuation() throws {
        var connection = try HTTP2TestConnection()
        let events = try connection.receive(
            HTTP2TestFrame(kind: 1, flags: 1, stream: 1, payload: [0x82]),
            HTTP2TestFrame(kind: 9, stream: 1, payload: [0x87]),
            HTTP2TestFrame(kind: 9, flags: 4, stream: 1, payload: [0x84])
        )
        #expect(events == [.request(stream: 1, fields: Self.getFields, isComplete: true)])
    }

    @Test("trailers complete a request")
    func trailers() throws {
        var connection = try HTTP2TestConnection()
        let events = try connection.receive(
            .headers(1, HTTP2TestBlock.post),
            .data(1, "ab"),
            .headers(1, HTTP2TestBlock.field("x", "y"), ends: true)
        )
        #expect(events.last == .body(stream: 1, ByteBuffer(), isComplete: true))
        #expect(events.count == 3)
    }

    @Test("what is unknown or about priorities is passed over")
    func ignored() throws {
        var connection = try HTTP2TestConnection()
        let events = try connection.receive(
            HTTP2TestFrame(kind: 0xfe, flags: 0xff, stream: 9, payload: [1, 2, 3]),
            HTTP2TestFrame(kind: 2, stream: 5, payload: [0, 0, 0, 0, 1]),
            .settings([(0x99, 5), (1, 0), (3, 0), (6, 1)]),
            .ping(isAnswer: true),
            HTTP2TestFrame(kind: 7, payload: [UInt8](repeating: 0, count: 8) + Array("bye".utf8))
        )
        #expect(events == [.goAway(code: 0)])
        #expect(try connection.takeFrames() == [.settingsAcknowledgement])
    }

    @Test("a PING is answered with what it holds")
    func ping() throws {
        var connection = try HTTP2TestConnection()
        #expect(try connection.receive(.ping(9)).isEmpty)
        #expect(try connection.takeFrames() == [.ping(9, isAnswer: true)])
    }

    @Test("a client may index fields before it has seen that there is no table, and not afterwards")
    func dynamicTable() throws {
        var connection = HTTP2TestConnection(fresh: HTTP2ServerLimits())
        _ = try connection.receive(HTTP2ServerMachine.preface + HTTP2TestFrame.settings().bytes)
        let indexing = HTTP2TestBlock.get + HTTP2TestBlock.field("x-name", "v", indexed: true)
        _ = try connection.receive(.headers(1, indexing, ends: true))
        let events = try connection.receive(.headers(3, HTTP2TestBlock.get + [0x80 | 62], ends: true))
        guard case .request(_, let fields, _) = events.first else { throw ParserFaultInTest() }
        #expect(fields.first(name: "x-name") == "v")
        let afterwards = [.settingsAcknowledgement, HTTP2TestFrame.headers(5, [0x20] + HTTP2TestBlock.get, ends: true)]
        #expect(try connection.receive(afterwards.flatMap(\.bytes)).count == 1)
        _ = try connection.takeFrames()
        try connection.expectFault(.compressionError, [.headers(7, HTTP2TestBlock.get + [0x80 | 62], ends: true)])
    }

    @Test("any cut of the bytes gives the same events and the same output", arguments: 1...40)
    func anyCut(size: Int) throws {
        let conversation: [HTTP2TestFrame] = [
            .settings([(4, 70_000), (5, 20_000)]), .settingsAcknowledgement,
            .headers(1, HTTP2TestBlock.post + HTTP2TestBlock.field("content-length", "5")),
            .data(1, "hello", ends: true),
            HTTP2TestFrame(kind: 1, flags: 1, stream: 3, payload: HTTP2TestBlock.get),
            HTTP2TestFrame(kind: 9, flags: 4, stream: 3, payload: HTTP2TestBlock.field("a", "b")),
            .ping(), .windowUpdate(0, 10), .headers(5, HTTP2TestBlock.post), .data(5, [1, 2, 3]), .reset(5),
            .headers(7, HTTP2TestBlock.get + HTTP2TestBlock.field("Bad", "b"), ends: true), .ping(3),
        ]
        let bytes = HTTP2ServerMachine.preface + conversation.flatMap(\.bytes)
        var whole = HTTP2TestConnection(fresh: HTTP2ServerLimits())
        let events = try whole.receive(bytes)
        #expect(events.count == 6)
        var cut = HTTP2TestConnection(fresh: HTTP2ServerLimits())
        var others: [HTTP2ServerEvent] = []
        for piece in bytes.chunked(size) { others += try cut.receive(Array(piece)) }
        #expect(others.joined == events.joined)
        #expect(try cut.takeFrames() == (try whole.takeFrames()))
    }

    // MARK: - Answers

    @Test("an answer is a head, and its body in frames; then the stream is forgotten")
    func answer() throws {
        var connection = try HTTP2TestConnection()
        _ = try connection.receive(.headers(1, HTTP2TestBlock.get, ends: true))
        connection.machine.sendHead(
            HTTP2ResponseHead(status: 200, contentType: "a/b", contentLength: 4),
            ends: false,
            stream: 1
        )
        connection.machine.sendBody(ByteBuffer(string: "body"), ends: true, stream: 1)
        let frames = try connection.takeFrames()
        let block: [UInt8] = [0x20, 0x88, 0x0f, 0x10, 3] + Array("a/b".utf8) + [0x0f, 0x0d, 1] + Array("4".utf8)
        #expect(frames == [.headers(1, block), .data(1, "body", ends: true)])
        #expect(!connection.machine.isOpen(stream: 1))
    }

    @Test("an answer without a body ends with its head")
    func emptyAnswer() throws {
        var connection = try HTTP2TestConnection()
        _ = try connection.receive(.headers(1, HTTP2TestBlock.get, ends: true))
        connection.machine.sendHead(HTTP2ResponseHead(status: 201), ends: true, stream: 1)
        #expect(try connection.takeFrames() == [.headers(1, [0x20, 0x08, 3] + Array("201".utf8), ends: true)])
        #expect(connection.machine.streamCount == 0)
    }

    @Test("an answer before the end of the request leaves the stream open until that comes")
    func earlyAnswer() throws {
        var connection = try HTTP2TestConnection()
        _ = try connection.receive(.headers(1, HTTP2TestBlock.post))
        connection.machine.sendHead(HTTP2ResponseHead(status: 413), ends: true, stream: 1)
        _ = try connection.takeFrames()
        #expect(connection.machine.isOpen(stream: 1))
        #expect(try connection.receive(.data(1, "rest", ends: true)).count == 1)
        #expect(!connection.machine.isOpen(stream: 1))
    }

    @Test("what is said on a stream that is gone is nothing")
    func crossing() throws {
        var connection = try HTTP2TestConnection()
        try connection.openAnswered(1)
        connection.machine.sendBody(ByteBuffer(string: "held"), ends: false, stream: 1)
        #expect(try connection.receive(.reset(1, 8)) == [.reset(stream: 1, code: 8)])
        connection.machine.sendBody(ByteBuffer(string: "late"), ends: true, stream: 1)
        connection.machine.sendHead(HTTP2ResponseHead(status: 200), ends: true, stream: 1)
        connection.machine.reset(stream: 1, .cancel)
        #expect(try connection.takeFrames().isEmpty)
        // The client's messages may cross ours as well.
        connection.now = connection.now + .seconds(1)
        #expect(try connection.receive(.reset(1), .windowUpdate(1, 5), .data(1, "late")).isEmpty)
    }

    @Test("two heads, a body without a head, and two ends are our own faults")
    func ownFaults() async {
        await #expect(processExitsWith: .failure) {
            var connection = try HTTP2TestConnection()
            try connection.openAnswered(1)
            connection.machine.sendHead(HTTP2ResponseHead(status: 200), ends: false, stream: 1)
        }
        await #expect(processExitsWith: .failure) {
            var connection = try HTTP2TestConnection()
            _ = try connection.receive(.headers(1, HTTP2TestBlock.get, ends: true))
            connection.machine.sendBody(ByteBuffer(string: "x"), ends: true, stream: 1)
        }
        await #expect(processExitsWith: .failure) {
            var connection = try HTTP2TestConnection(settings: [(4, 0)])
            try connection.openAnswered(1)
            connection.machine.sendBody(ByteBuffer(string: "x"), ends: true, stream: 1)
            connection.machine.sendBody(ByteBuffer(string: "x"), ends: true, stream: 1)
        }
    }

    @Test("GOAWAY says which streams are answered")
    func goAway() throws {
        var connection = try HTTP2TestConnection()
        try connection.openAnswered(5)
        connection.machine.goAway(lastStream: connection.machine.lastStream, .noError)
        #expect(try connection.takeFrames() == [HTTP2TestFrame(kind: 7, payload: [0, 0, 0, 5, 0, 0, 0, 0])])
    }
}

private struct ParserFaultInTest: Error {}

extension HTTP2TestConnection {
    /// Only our own first words are said.
    init(fresh limits: HTTP2ServerLimits) {
        machine = HTTP2ServerMachine(limits: limits)
        machine.open()
    }
}

extension [HTTP2ServerEvent] {
    /// With the pieces of bodies that follow each other put together.
    var joined: [HTTP2ServerEvent] {
        reduce(into: []) { events, event in
            if case .body(let stream, let more, let isComplete) = event,
                case .body(stream, var bytes, false)? = events.last
            {
                bytes.writeImmutableBuffer(more)
                events[events.count - 1] = .body(stream: stream, bytes, isComplete: isComplete)
            } else {
                events.append(event)
            }
        }
    }
}
