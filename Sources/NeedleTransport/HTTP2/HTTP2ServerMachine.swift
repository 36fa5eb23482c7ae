// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK

/// The server's side of an HTTP/2 connection: a client's bytes in, their meaning out; answers in, bytes out.
///
/// Written because a connection is one long stream, and there are thousands. With swift-nio-http2 a connection with an
/// open stream takes 25.9 KB beside its channel (a channel with a pipeline for the stream, tables for two header coders,
/// lists of times for its limits); this and its shell take 1.8 KB, and less than half of the time for a message. See
/// ARCHITECTURE.md.
///
/// ```
/// preface ─▶ settings ─▶ open ─▶ over
///                          │       ▲
///                          └─fault─┘ (GOAWAY)
/// ```
///
/// Bytes go in with ``receive(_:)``, and ``next(now:)`` is called until it has no more to say. What is to be sent comes
/// out of ``takeOutput(bytesMax:)``: what is due at once, then bodies, a frame of each stream in turn, as far as the
/// client's windows allow. No pushes, no priorities, no CONNECT.
///
/// - Source: RFC 9113.
struct HTTP2ServerMachine {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// Both sides' windows until they say otherwise.
    static let initialWindow = 65_535
    static let windowMax = Int(Int32.max)
    /// The frame size that both sides accept until they say otherwise.
    static let initialFrameBytes = 16_384

    enum Phase {
        case preface
        case settings
        case open
        case over
    }

    /// A header block that is not complete.
    struct HeaderBlock {
        let stream: UInt32
        let endsStream: Bool
        var bytes: ByteBuffer
        var continuations = 0
    }

    let limits: HTTP2ServerLimits
    private(set) var phase = Phase.preface
    private var input = ByteBuffer()
    /// Whether `input` is a copy of our own, and not a piece of what was read from a socket.
    private var ownsInput = false

    var streams: [HTTP2ServerStream] = []
    /// The highest stream that the client has opened.
    var lastStream: UInt32 = 0
    var block: HeaderBlock?
    var decoder = HTTP2HeaderDecoder()

    /// Frames that are not bodies and wait to leave.
    var control: ByteBuffer?
    /// How many of them the client has caused.
    var controlFramesHeld = 0
    var controlFrames = HTTP2RateLimit()
    var resets = HTTP2RateLimit()

    /// What the client lets us send on all streams together, on a new stream, and in a frame.
    var sendWindow = initialWindow
    var initialSendWindow = initialWindow
    var sendFrameBytes = initialFrameBytes
    /// What we let the client send on all streams together, and on a new stream.
    var receiveWindow: Int
    var initialReceiveWindow: Int
    var unacknowledged = 0

    /// Whether a header block was written.
    var hasWrittenHead = false
    /// The bytes of bodies that were handed out, over the connection's life.
    var handedBytes = 0
    /// Whose turn it is to send.
    var turn = 0

    init(limits: HTTP2ServerLimits) {
        self.limits = limits
        receiveWindow = max(limits.windowBytes, Self.initialWindow)
        // Until the client has acknowledged our SETTINGS it may go by what every connection begins with.
        initialReceiveWindow = max(limits.windowBytes, Self.initialWindow)
    }

    /// Says what every connection begins with.
    mutating func open() {
        let settings: [(UInt16, Int)] = [
            (HTTP2SettingName.headerTableSize, 0), (HTTP2SettingName.streamsMax, limits.streamsMax),
            (HTTP2SettingName.initialWindow, limits.windowBytes),
            (HTTP2SettingName.frameBytesMax, limits.frameBytesMax),
            (HTTP2SettingName.headerBytesMax, limits.headerBytesMax),
        ]
        withControl { output in
            output.writeFrameHead(HTTP2FrameHead(length: settings.count * 6, kind: HTTP2FrameKind.settings))
            for (name, value) in settings {
                output.writeMultipleIntegers(name, UInt32(clamping: value))
            }
        }
        let more = receiveWindow - Self.initialWindow
        if more > 0 { writeWindowUpdate(stream: 0, more) }
    }

    // MARK: - What the client says

    /// Takes bytes in, cut anywhere.
    mutating func receive(_ bytes: ByteBuffer) {
        guard phase != .over else { return }
        if input.readableBytes == 0 {
            input = bytes
            ownsInput = false
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// Gives the next event; nothing if more bytes are needed for it.
    ///
    /// - Throws: what the client did wrong. GOAWAY is among the output then, and nothing is taken in any more.
    mutating func next(now: NIODeadline) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        do throws(HTTP2ServerFault) {
            while let (head, payload) = try takeFrame() {
                if let event = try take(head, payload, now) { return event }
            }
            keepRest()
            return nil
        } catch {
            phase = .over
            input = ByteBuffer()
            block = nil
            goAway(lastStream: lastStream, error.code, error.text)
            throw error
        }
    }

    /// The connection is gone: nothing is taken in, sent or kept any more.
    mutating func abandon() {
        phase = .over
        input = ByteBuffer()
        block = nil
        control = nil
        streams = []
        decoder.dropTable()
    }

    private mutating func takeFrame() throws(HTTP2ServerFault) -> (HTTP2FrameHead, ByteBuffer)? {
        if phase == .over { return nil }
        if phase == .preface, try !takePreface() { return nil }
        guard let head = input.peekFrameHead() else { return nil }
        guard head.length <= limits.frameBytesMax else {
            throw HTTP2ServerFault(.frameSizeError, "a frame of \(head.length) bytes")
        }
        guard input.readableBytes >= HTTP2FrameHead.byteCount + head.length else { return nil }
        input.moveReaderIndex(forwardBy: HTTP2FrameHead.byteCount)
        guard let payload = input.readSlice(length: head.length) else { return nil }
        if phase == .settings {
            guard head.kind == HTTP2FrameKind.settings, !head.has(HTTP2FrameFlag.acknowledgement) else {
                throw HTTP2ServerFault(.protocolError, "a connection that does not begin with SETTINGS")
            }
            phase = .open
        }
        return (head, payload)
    }

    /// Compares what has come of the preface, so that another protocol is found out at its first byte.
    private mutating func takePreface() throws(HTTP2ServerFault) -> Bool {
        let expected = Self.preface.prefix(input.readableBytes)
        guard input.readableBytesView.starts(with: expected)
        else { throw HTTP2ServerFault(.protocolError, "a connection that does not begin with HTTP/2's preface") }
        guard input.readableBytes >= Self.preface.count else { return false }
        input.moveReaderIndex(forwardBy: Self.preface.count)
        phase = .settings
        return true
    }

    /// Keeps less than one frame, in memory of its own: what was read is much larger, and mostly somebody else's.
    private mutating func keepRest() {
        guard input.readableBytes > 0 else {
            input = ByteBuffer()
            return
        }
        // Copied once for the frames that came before it, so no more often than they; then it only grows.
        guard !ownsInput || input.readerIndex > 0 else { return }
        input = ByteBuffer(bytes: input.readableBytesView)
        ownsInput = true
    }

    private mutating func take(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        guard block == nil || head.kind == HTTP2FrameKind.continuation else {
            throw HTTP2ServerFault(.protocolError, "another frame inside a header block")
        }
        switch head.kind {
        case HTTP2FrameKind.data: return try takeData(head, payload, now)
        case HTTP2FrameKind.headers: return try takeHeaders(head, payload, now)
        case HTTP2FrameKind.continuation: return try takeContinuation(head, payload, now)
        case HTTP2FrameKind.priority: return try takePriority(head, now)
        case HTTP2FrameKind.resetStream: return try takeReset(head, payload, now)
        case HTTP2FrameKind.settings: return try takeSettings(head, payload, now)
        case HTTP2FrameKind.ping: try takePing(head, payload, now)
        case HTTP2FrameKind.goAway: return try takeGoAway(head, payload, now)
        case HTTP2FrameKind.windowUpdate: return try takeWindowUpdate(head, payload, now)
        case HTTP2FrameKind.pushPromise: throw HTTP2ServerFault(.protocolError, "a push by a client")
        default: try countControlFrame(now)  // An extension that we do not know.
        }
        return nil
    }

    // MARK: - Streams

    /// How many streams are open.
    var streamCount: Int { streams.count }

    func isOpen(stream id: UInt32) -> Bool { index(of: id) != nil }

    func index(of id: UInt32) -> Int? {
        streams.lastIndex { $0.id == id }
    }

    mutating func remove(at index: Int) {
        streams.remove(at: index)
        if index < turn { turn -= 1 }
        if streams.isEmpty { streams = [] }
    }
}
