// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// The client's side of an HTTP/2 connection: requests and a server's bytes in, a server's meaning and our bytes out.
///
/// Written for clients by the thousand. Body bytes are handed on as they come, so nothing is held but the rest of a
/// frame header or of a small frame; of response headers only the status is read, for which no HPACK state is needed.
///
/// ```
/// open ─▶ request … ─▶ status ─▶ body … ─▶ ended
///                          └──────────────▶ reset
/// ```
///
/// - Source: RFC 9113.
struct HTTP2ClientMachine {
    static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    /// The largest frame that is read, which is also the largest that is sent.
    static let frameBytesMax = 16_384
    /// A response's header fields, compressed.
    static let headerBlockBytesMax = 65_536
    /// The longest text kept of a GOAWAY.
    static let goAwayTextMax = 1024

    /// A request whose response is not complete.
    private struct Stream {
        let id: UInt32
        var sendWindow: Int
        /// What the windows have not let through yet.
        var unsent: ByteBuffer?
        var consumed = 0
        var hasStatus = false
    }

    /// A DATA frame whose payload is not complete.
    private struct DataFrame {
        let stream: UInt32
        var remaining: Int
        var padding: Int
        let isPadded: Bool
        var knowsPadding: Bool
        let endsStream: Bool
    }

    private struct HeaderBlock {
        let stream: UInt32
        var bytes: ByteBuffer
        let endsStream: Bool
    }

    private let windows: HTTP2Windows
    private var streams: [Stream] = []
    private var nextStream: UInt32 = 1
    private var data: DataFrame?
    private var block: HeaderBlock?
    private var endsNext: UInt32?
    private var consumed = 0
    private var sendWindow = HTTP2Windows.initial
    private var initialSendWindow = HTTP2Windows.initial
    /// Whether responses are taken but not acknowledged, as by a client that is stuck.
    var withholdsWindowUpdates = false

    init(windows: HTTP2Windows = .usual) {
        self.windows = windows
    }

    // MARK: - What we say

    /// Writes what a connection begins with.
    func open(into output: inout ByteBuffer) {
        output.writeString(Self.preface)
        // No dynamic table, no pushes, and the window.
        let settings: [(UInt16, Int)] = [(1, 0), (2, 0), (4, windows.stream)]
        output.writeHTTP2Header(HTTP2FrameHeader(length: settings.count * 6, type: HTTP2FrameType.settings))
        for (name, value) in settings {
            output.writeInteger(name)
            output.writeInteger(UInt32(truncatingIfNeeded: value))
        }
        let increment = windows.connection - HTTP2Windows.initial
        if increment > 0 { Self.writeWindowUpdate(stream: 0, increment, to: &output) }
    }

    /// Writes a request, as far as the server's windows allow.
    ///
    /// - Returns: the stream that its response will come on.
    mutating func request(_ request: HTTP2Request, into output: inout ByteBuffer) -> UInt32 {
        let id = nextStream
        nextStream += 2
        let start = output.writerIndex
        output.writeHTTP2Header(HTTP2FrameHeader(length: 0, type: HTTP2FrameType.headers))
        HPACKRequest.write(request, to: &output)
        let body = request.body.flatMap { $0.readableBytes > 0 ? $0 : nil }
        let flags = HTTP2Flag.endHeaders | (body == nil ? HTTP2Flag.endStream : 0)
        let length = output.writerIndex - start - HTTP2FrameHeader.byteCount
        var header = ByteBuffer()
        header.writeHTTP2Header(
            HTTP2FrameHeader(length: length, type: HTTP2FrameType.headers, flags: flags, stream: id)
        )
        output.setBuffer(header, at: start)
        streams.append(Stream(id: id, sendWindow: initialSendWindow, unsent: body))
        sendBody(of: streams.count - 1, &output)
        return id
    }

    /// Gives a request up.
    mutating func reset(stream id: UInt32, code: UInt32, into output: inout ByteBuffer) {
        guard remove(id) else { return }
        output.writeHTTP2Header(HTTP2FrameHeader(length: 4, type: HTTP2FrameType.resetStream, stream: id))
        output.writeInteger(code)
    }

    private mutating func sendBody(of index: Int, _ output: inout ByteBuffer) {
        while var body = streams[index].unsent {
            let count = min(body.readableBytes, streams[index].sendWindow, sendWindow, Self.frameBytesMax)
            guard count > 0, var piece = body.readSlice(length: count) else { return }
            let isLast = body.readableBytes == 0
            output.writeHTTP2Header(
                HTTP2FrameHeader(
                    length: count,
                    type: HTTP2FrameType.data,
                    flags: isLast ? HTTP2Flag.endStream : 0,
                    stream: streams[index].id
                )
            )
            output.writeBuffer(&piece)
            streams[index].sendWindow -= count
            sendWindow -= count
            streams[index].unsent = isLast ? nil : body
        }
    }

    private static func writeWindowUpdate(stream: UInt32, _ increment: Int, to output: inout ByteBuffer) {
        output.writeHTTP2Header(HTTP2FrameHeader(length: 4, type: HTTP2FrameType.windowUpdate, stream: stream))
        output.writeInteger(UInt32(truncatingIfNeeded: increment))
    }

    // MARK: - What the server says

    /// Takes the next event off the front of `input`; what is left in it waits for more bytes.
    ///
    /// - Throws: ``HTTP2Violation``; the connection is of no use after that.
    mutating func next(
        _ input: inout ByteBuffer,
        output: inout ByteBuffer
    ) throws(HTTP2Violation) -> HTTP2Event? {
        if let stream = endsNext {
            endsNext = nil
            return end(stream)
        }
        while true {
            if data != nil {
                switch try takeData(&input, &output) {
                case .event(let event): return event
                case .more: continue
                case .wait: return nil
                }
            }
            guard let header = input.peekHTTP2Header() else { return nil }
            if header.type == HTTP2FrameType.data {
                input.moveReaderIndex(forwardBy: HTTP2FrameHeader.byteCount)
                try beginData(header)
                continue
            }
            guard header.length <= Self.frameBytesMax else {
                throw HTTP2Violation("a frame of \(header.length) bytes, where \(Self.frameBytesMax) are the most")
            }
            guard input.readableBytes >= HTTP2FrameHeader.byteCount + header.length else { return nil }
            input.moveReaderIndex(forwardBy: HTTP2FrameHeader.byteCount)
            var payload = input.readSlice(length: header.length) ?? ByteBuffer()
            if let event = try take(header, &payload, &output) { return event }
        }
    }

    private mutating func take(
        _ header: HTTP2FrameHeader,
        _ payload: inout ByteBuffer,
        _ output: inout ByteBuffer
    ) throws(HTTP2Violation) -> HTTP2Event? {
        guard block == nil || header.type == HTTP2FrameType.continuation else {
            throw HTTP2Violation("a frame of type \(header.type) inside a header block")
        }
        switch header.type {
        case HTTP2FrameType.headers: return try takeHeaders(header, &payload)
        case HTTP2FrameType.continuation: return try takeContinuation(header, payload)
        case HTTP2FrameType.settings: try takeSettings(header, &payload, &output)
        case HTTP2FrameType.ping: try answerPing(header, &payload, &output)
        case HTTP2FrameType.windowUpdate: try takeWindowUpdate(header, &payload, &output)
        case HTTP2FrameType.resetStream:
            guard let code = payload.readInteger(as: UInt32.self) else { throw HTTP2Violation("a short RST_STREAM") }
            return remove(header.stream) ? .reset(stream: header.stream, code: code) : nil
        case HTTP2FrameType.goAway:
            guard let last = payload.readInteger(as: UInt32.self), let code = payload.readInteger(as: UInt32.self)
            else { throw HTTP2Violation("a short GOAWAY") }
            let text = String(decoding: payload.readableBytesView.prefix(Self.goAwayTextMax), as: UTF8.self)
            return .goAway(lastStream: last & 0x7fff_ffff, code: code, text: text)
        case HTTP2FrameType.pushPromise: throw HTTP2Violation("a PUSH_PROMISE, which was not allowed")
        default: break  // Priorities and extensions mean nothing here.
        }
        return nil
    }

    // MARK: - Bodies

    private enum DataStep {
        case event(HTTP2Event)
        case more
        case wait
    }

    private mutating func beginData(_ header: HTTP2FrameHeader) throws(HTTP2Violation) {
        guard block == nil else { throw HTTP2Violation("a DATA frame inside a header block") }
        guard header.stream % 2 == 1, header.stream < nextStream else {
            throw HTTP2Violation("DATA on stream \(header.stream), which was never opened")
        }
        let isPadded = header.has(HTTP2Flag.padded)
        data = DataFrame(
            stream: header.stream,
            remaining: header.length,
            padding: 0,
            isPadded: isPadded,
            knowsPadding: !isPadded,
            endsStream: header.has(HTTP2Flag.endStream)
        )
    }

    private mutating func takeData(
        _ input: inout ByteBuffer,
        _ output: inout ByteBuffer
    ) throws(HTTP2Violation) -> DataStep {
        guard var frame = data else { return .more }
        if !frame.knowsPadding {
            guard frame.remaining > 0 else { throw HTTP2Violation("a padded frame without padding") }
            guard let padding = input.readInteger(as: UInt8.self) else { return .wait }
            frame.remaining -= 1
            frame.padding = Int(padding)
            frame.knowsPadding = true
            guard frame.padding <= frame.remaining else { throw HTTP2Violation("more padding than the frame has") }
            acknowledge(1, stream: frame.stream, &output)
            data = frame
        }
        let content = frame.remaining - frame.padding
        if content > 0 {
            guard let piece = input.readSlice(length: min(content, input.readableBytes)), piece.readableBytes > 0
            else { return .wait }
            frame.remaining -= piece.readableBytes
            data = frame
            acknowledge(piece.readableBytes, stream: frame.stream, &output)
            return index(of: frame.stream) == nil ? .more : .event(.body(stream: frame.stream, piece))
        }
        guard input.readableBytes >= frame.remaining else { return .wait }
        input.moveReaderIndex(forwardBy: frame.remaining)
        acknowledge(frame.remaining, stream: frame.stream, &output)
        data = nil
        guard frame.endsStream, let event = end(frame.stream) else { return .more }
        return .event(event)
    }

    /// Gives the server its window back once half of it is used.
    private mutating func acknowledge(_ count: Int, stream id: UInt32, _ output: inout ByteBuffer) {
        guard !withholdsWindowUpdates else { return }
        consumed += count
        if consumed >= windows.connection / 2 {
            Self.writeWindowUpdate(stream: 0, consumed, to: &output)
            consumed = 0
        }
        guard let index = index(of: id) else { return }
        streams[index].consumed += count
        if streams[index].consumed >= max(windows.stream / 2, 1) {
            Self.writeWindowUpdate(stream: id, streams[index].consumed, to: &output)
            streams[index].consumed = 0
        }
    }

    // MARK: - Headers

    private mutating func takeHeaders(
        _ header: HTTP2FrameHeader,
        _ payload: inout ByteBuffer
    ) throws(HTTP2Violation) -> HTTP2Event? {
        guard header.stream % 2 == 1, header.stream < nextStream else {
            throw HTTP2Violation("HEADERS on stream \(header.stream), which was never opened")
        }
        var padding = 0
        if header.has(HTTP2Flag.padded) { padding = Int(payload.readInteger(as: UInt8.self) ?? .max) }
        if header.has(HTTP2Flag.priority) { _ = payload.readBytes(length: 5) }
        guard padding <= payload.readableBytes,
            let content = payload.readSlice(length: payload.readableBytes - padding)
        else {
            throw HTTP2Violation("more padding than the frame has")
        }
        let block = HeaderBlock(stream: header.stream, bytes: content, endsStream: header.has(HTTP2Flag.endStream))
        return try finish(block, isComplete: header.has(HTTP2Flag.endHeaders))
    }

    private mutating func takeContinuation(
        _ header: HTTP2FrameHeader,
        _ payload: ByteBuffer
    ) throws(HTTP2Violation) -> HTTP2Event? {
        guard var block, block.stream == header.stream else {
            throw HTTP2Violation("a CONTINUATION that continues nothing")
        }
        block.bytes.writeImmutableBuffer(payload)
        guard block.bytes.readableBytes <= Self.headerBlockBytesMax else {
            throw HTTP2Violation("header fields of more than \(Self.headerBlockBytesMax) bytes")
        }
        return try finish(block, isComplete: header.has(HTTP2Flag.endHeaders))
    }

    private mutating func finish(_ block: HeaderBlock, isComplete: Bool) throws(HTTP2Violation) -> HTTP2Event? {
        self.block = isComplete ? nil : block
        guard isComplete, let index = index(of: block.stream) else { return nil }
        // After the status these are trailers, of which only the end matters.
        guard !streams[index].hasStatus else { return block.endsStream ? end(block.stream) : nil }
        guard let status = HPACKStatus.decode(block.bytes.readableBytesView) else {
            throw HTTP2Violation("a response that does not begin with its status")
        }
        if (100..<200).contains(status) { return nil }
        streams[index].hasStatus = true
        if block.endsStream { endsNext = block.stream }
        return .status(stream: block.stream, status)
    }

    // MARK: - Settings, windows, pings

    private mutating func takeSettings(
        _ header: HTTP2FrameHeader,
        _ payload: inout ByteBuffer,
        _ output: inout ByteBuffer
    ) throws(HTTP2Violation) {
        if header.has(HTTP2Flag.acknowledgement) { return }
        while let name = payload.readInteger(as: UInt16.self) {
            guard let value = payload.readInteger(as: UInt32.self) else { throw HTTP2Violation("a short SETTINGS") }
            guard name == 4 else { continue }
            guard value <= Int32.max else { throw HTTP2Violation("a window of \(value) bytes") }
            for index in streams.indices { streams[index].sendWindow += Int(value) - initialSendWindow }
            initialSendWindow = Int(value)
        }
        output.writeHTTP2Header(
            HTTP2FrameHeader(length: 0, type: HTTP2FrameType.settings, flags: HTTP2Flag.acknowledgement)
        )
        for index in streams.indices { sendBody(of: index, &output) }
    }

    private func answerPing(
        _ header: HTTP2FrameHeader,
        _ payload: inout ByteBuffer,
        _ output: inout ByteBuffer
    ) throws(HTTP2Violation) {
        guard payload.readableBytes == 8 else { throw HTTP2Violation("a PING of \(payload.readableBytes) bytes") }
        if header.has(HTTP2Flag.acknowledgement) { return }
        output.writeHTTP2Header(
            HTTP2FrameHeader(length: 8, type: HTTP2FrameType.ping, flags: HTTP2Flag.acknowledgement)
        )
        output.writeBuffer(&payload)
    }

    private mutating func takeWindowUpdate(
        _ header: HTTP2FrameHeader,
        _ payload: inout ByteBuffer,
        _ output: inout ByteBuffer
    ) throws(HTTP2Violation) {
        guard let increment = payload.readInteger(as: UInt32.self) else {
            throw HTTP2Violation("a short WINDOW_UPDATE")
        }
        let count = Int(increment & 0x7fff_ffff)
        if header.stream == 0 {
            sendWindow += count
            for index in streams.indices { sendBody(of: index, &output) }
        } else if let index = index(of: header.stream) {
            streams[index].sendWindow += count
            sendBody(of: index, &output)
        }
    }

    // MARK: - Streams

    private func index(of id: UInt32) -> Int? {
        streams.firstIndex { $0.id == id }
    }

    private mutating func remove(_ id: UInt32) -> Bool {
        guard let index = index(of: id) else { return false }
        streams.remove(at: index)
        return true
    }

    private mutating func end(_ id: UInt32) -> HTTP2Event? {
        remove(id) ? .ended(stream: id) : nil
    }
}
