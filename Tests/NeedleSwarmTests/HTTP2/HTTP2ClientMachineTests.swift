// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleTesting
import Testing

@testable import NeedleSwarm

@Suite struct HTTP2ClientMachineTests {
    private typealias Frame = TestFrame

    private static func opened(
        windows: HTTP2Windows = .usual,
        requests: Int = 1,
        body: ByteBuffer? = nil
    ) -> (HTTP2ClientMachine, sent: ByteBuffer) {
        var machine = HTTP2ClientMachine(windows: windows)
        var output = ByteBuffer()
        machine.open(into: &output)
        for _ in 0..<requests { _ = machine.request(HTTP2Request("POST", "/x", body: body), into: &output) }
        return (machine, output)
    }

    /// Feeds bytes in pieces and collects what they mean.
    private static func run(
        _ machine: inout HTTP2ClientMachine,
        _ bytes: ByteBuffer,
        pieceBytes: Int = .max
    ) throws(HTTP2Violation) -> (events: [HTTP2Event], sent: ByteBuffer) {
        var rest = bytes
        var input = ByteBuffer()
        var events: [HTTP2Event] = []
        var output = ByteBuffer()
        while var piece = rest.readSlice(length: min(pieceBytes, rest.readableBytes)), piece.readableBytes > 0 {
            input.writeBuffer(&piece)
            while let event = try machine.next(&input, output: &output) { events.append(event) }
        }
        return (events, output)
    }

    /// Joins the pieces of a body that the network cut.
    private static func joined(_ events: [HTTP2Event]) -> [HTTP2Event] {
        events.reduce(into: []) { joined, event in
            if case .body(let stream, let piece) = event, case .body(stream, var earlier)? = joined.last {
                earlier.writeImmutableBuffer(piece)
                joined[joined.count - 1] = .body(stream: stream, earlier)
            } else {
                joined.append(event)
            }
        }
    }

    private static let response =
        Frame.settings([]) + Frame.headers(1, [0x88]) + Frame.data(1, "hello ") + Frame.padded(1, "world", 3)
        + Frame.data(1, "", ends: true)

    @Test("opens with the preface, settings and a window")
    func opening() throws {
        var (_, sent) = Self.opened(requests: 0)
        #expect(sent.readString(length: 24) == HTTP2ClientMachine.preface)
        let frames = try Frame.all(in: sent)
        #expect(frames.map(\.type) == [4, 8])
        #expect(frames[1].payload == [0x3f, 0xff, 0x00, 0x01])
    }

    @Test("a request is its header and its body")
    func request() throws {
        var (_, sent) = Self.opened(body: ByteBuffer(string: "abc"))
        sent.moveReaderIndex(forwardBy: 24)
        let frames = try Frame.all(in: sent).dropFirst(2)
        #expect(frames.map(\.type) == [1, 0])
        #expect(frames.map(\.flags) == [4, 1])
        #expect(frames.last?.payload == Array("abc".utf8))
    }

    @Test("a response means the same however it is cut", arguments: [1, 2, 3, 5, 8, 9, 10, 13, 1000])
    func cuts(pieceBytes: Int) throws {
        var (machine, _) = Self.opened()
        let (events, sent) = try Self.run(&machine, Self.response, pieceBytes: pieceBytes)
        #expect(
            Self.joined(events) == [
                .status(stream: 1, 200), .body(stream: 1, ByteBuffer(string: "hello world")), .ended(stream: 1),
            ]
        )
        #expect(try Frame.all(in: sent).map(\.type) == [4])
    }

    @Test("a response may end with its header, or with trailers")
    func ends() throws {
        var (machine, _) = Self.opened(requests: 2)
        let bytes =
            Frame.headers(1, [0x89], ends: true) + Frame.headers(3, [0x88]) + Frame.data(3, "x")
            + Frame.headers(3, [0x00, 0x01, 0x61, 0x01, 0x62], ends: true)
        #expect(
            try Self.run(&machine, bytes).events == [
                .status(stream: 1, 204), .ended(stream: 1), .status(stream: 3, 200),
                .body(stream: 3, ByteBuffer(string: "x")), .ended(stream: 3),
            ]
        )
    }

    @Test("interim responses are passed over, and header blocks may be continued")
    func interimAndContinued() throws {
        var (machine, _) = Self.opened()
        let bytes =
            Frame.headers(1, [0x48, 0x03, 0x31, 0x30, 0x33])
            + Frame(type: 1, flags: 0, stream: 1, payload: [0x48, 0x03]).bytes
            + Frame(type: 9, flags: 4, stream: 1, payload: [0x34, 0x30, 0x33]).bytes
        #expect(try Self.run(&machine, bytes).events == [.status(stream: 1, 403)])
    }

    @Test("resets and goodbyes are told, what comes for a request that is over is not")
    func resets() throws {
        var (machine, _) = Self.opened(requests: 2)
        let goAway = Frame(type: 7, payload: [0, 0, 0, 1, 0, 0, 0, 2] + Array("why".utf8)).bytes
        let bytes =
            Frame(type: 3, stream: 1, payload: [0, 0, 0, 8]).bytes + Frame.data(1, "late")
            + Frame(type: 3, stream: 1, payload: [0, 0, 0, 8]).bytes + goAway
        #expect(
            try Self.run(&machine, bytes).events == [
                .reset(stream: 1, code: 8), .goAway(lastStream: 1, code: 2, text: "why"),
            ]
        )
    }

    @Test("pings are answered, answers to pings and unknown frames are not")
    func pings() throws {
        var (machine, _) = Self.opened()
        let bytes =
            Frame(type: 6, payload: [1, 2, 3, 4, 5, 6, 7, 8]).bytes
            + Frame(type: 6, flags: 1, payload: [1, 2, 3, 4, 5, 6, 7, 8]).bytes
            + Frame(type: 2, stream: 1, payload: [0, 0, 0, 0, 0]).bytes + Frame(type: 0xaa, payload: [1]).bytes
        let (events, sent) = try Self.run(&machine, bytes)
        #expect(events.isEmpty)
        #expect(try Frame.all(in: sent) == [Frame(type: 6, flags: 1, payload: [1, 2, 3, 4, 5, 6, 7, 8])])
    }

    @Test("a body waits for the server's windows")
    func sendWindows() throws {
        var (machine, sent) = Self.opened(body: ByteBuffer(repeating: 1, count: 100_000))
        sent.moveReaderIndex(forwardBy: 24)
        func dataBytes(_ buffer: ByteBuffer) throws -> Int {
            try Frame.all(in: buffer).filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count }
        }
        #expect(try dataBytes(sent) == 65_535)
        #expect(try Frame.all(in: sent).allSatisfy { $0.payload.count <= 16_384 })
        let stream = try Self.run(&machine, Frame.windowUpdate(1, 50_000))
        #expect(try dataBytes(stream.sent) == 0)
        let connection = try Self.run(&machine, Frame.windowUpdate(0, 10_000))
        #expect(try dataBytes(connection.sent) == 10_000)
        let rest = try Self.run(&machine, Frame.windowUpdate(0, 100_000))
        #expect(try dataBytes(rest.sent) == 100_000 - 75_535)
        #expect(try Frame.all(in: rest.sent).last?.flags == 1)
    }

    @Test("a smaller first window holds back what was not sent yet, a larger one lets it go")
    func initialWindow() throws {
        var machine = HTTP2ClientMachine()
        _ = try Self.run(&machine, Frame.settings([(4, 10)]))
        var output = ByteBuffer()
        _ = machine.request(HTTP2Request("POST", "/x", body: ByteBuffer(repeating: 1, count: 30)), into: &output)
        #expect(try Frame.all(in: output).last?.payload.count == 10)
        let (_, sent) = try Self.run(&machine, Frame.settings([(4, 100)]))
        #expect(try Frame.all(in: sent).last?.payload.count == 20)
    }

    @Test("half a window is given back at once, and nothing while it is withheld", arguments: [false, true])
    func receiveWindows(withholds: Bool) throws {
        var (machine, _) = Self.opened(windows: HTTP2Windows(stream: 1000, connection: 65_535))
        machine.withholdsWindowUpdates = withholds
        let bytes = Frame.headers(1, [0x88]) + Frame.data(1, String(repeating: "a", count: 600))
        let (_, sent) = try Self.run(&machine, bytes)
        let updates = try Frame.all(in: sent).filter { $0.type == 8 }
        #expect(updates == (withholds ? [] : [Frame(type: 8, stream: 1, payload: [0, 0, 2, 88])]))
    }

    @Test("a request that was given up is reset once")
    func givenUp() throws {
        var (machine, _) = Self.opened()
        var output = ByteBuffer()
        machine.reset(stream: 1, code: 8, into: &output)
        machine.reset(stream: 1, code: 8, into: &output)
        #expect(try Frame.all(in: output) == [Frame(type: 3, stream: 1, payload: [0, 0, 0, 8])])
    }

    @Test("what a server must not do ends the connection", arguments: TestFrame.violations)
    func violations(frames: [TestFrame]) {
        var (machine, _) = Self.opened()
        var bytes = ByteBuffer()
        for frame in frames { bytes.writeImmutableBuffer(frame.bytes) }
        #expect(throws: HTTP2Violation.self) { _ = try Self.run(&machine, bytes) }
    }

    @Test("random bytes end in an error or are waited for, never in a trap", arguments: 0..<200 as Range<UInt64>)
    func randomBytes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (machine, _) = Self.opened()
        var bytes = Array(buffer: Self.response)
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: .min ... .max, using: &random)
        }
        let pieceBytes = Int.random(in: 1...40, using: &random)
        var body = 0
        do throws(HTTP2Violation) {
            for event in try Self.run(&machine, ByteBuffer(bytes: bytes), pieceBytes: pieceBytes).events {
                if case .body(_, let piece) = event { body += piece.readableBytes }
            }
        } catch {
            #expect(!error.description.isEmpty)
        }
        #expect(body <= bytes.count)
    }
}
