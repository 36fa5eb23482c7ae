// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK

// Header blocks and bodies: what requests are made of.
extension HTTP2ServerMachine {
    // MARK: - Header blocks

    mutating func takeHeaders(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        guard head.stream % 2 == 1 else { throw HTTP2ServerFault(.protocolError, "HEADERS on a stream of ours") }
        let block = HeaderBlock(
            stream: head.stream,
            endsStream: head.has(HTTP2FrameFlag.endStream),
            bytes: try content(of: head, payload)
        )
        return try take(block, isComplete: head.has(HTTP2FrameFlag.endHeaders), now)
    }

    mutating func takeContinuation(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        guard var block = self.block.take(), block.stream == head.stream else {
            throw HTTP2ServerFault(.protocolError, "a CONTINUATION that continues nothing")
        }
        block.continuations += 1
        guard block.continuations <= limits.continuationsMax else {
            throw HTTP2ServerFault(.enhanceYourCalm, "more than \(limits.continuationsMax) CONTINUATION frames")
        }
        block.bytes.writeImmutableBuffer(payload)
        return try take(block, isComplete: head.has(HTTP2FrameFlag.endHeaders), now)
    }

    private mutating func take(
        _ block: HeaderBlock,
        isComplete: Bool,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        guard block.bytes.readableBytes <= limits.headerBytesMax else {
            throw HTTP2ServerFault(.enhanceYourCalm, "a header block of more than \(limits.headerBytesMax) bytes")
        }
        guard isComplete else {
            self.block = block
            return nil
        }
        try checkHeld()
        // Read even when nobody wants it, for the table's sake.
        let fields = try decoder.decode(block.bytes, bytesMax: limits.headerBytesMax)
        if let index = index(of: block.stream) {
            return try takeTrailers(fields, endsStream: block.endsStream, at: index, now)
        }
        guard block.stream > lastStream else { return try fail(stream: block.stream, .streamClosed, now) }
        lastStream = block.stream
        guard streams.count < limits.streamsMax else { return try fail(stream: block.stream, .refusedStream, now) }
        guard case .valid(let length) = HTTP2RequestFields.check(fields), !block.endsStream || length ?? 0 == 0 else {
            return try fail(stream: block.stream, .protocolError, now)
        }
        var stream = HTTP2ServerStream(
            id: block.stream,
            sendWindow: initialSendWindow,
            receiveWindow: initialReceiveWindow,
            announced: length
        )
        stream.hasRequest = block.endsStream
        streams.append(stream)
        return .request(stream: block.stream, fields: fields, isComplete: block.endsStream)
    }

    private mutating func takeTrailers(
        _ fields: HPACKHeaders,
        endsStream: Bool,
        at index: Int,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        let id = streams[index].id
        guard !streams[index].hasRequest else { return try fail(stream: id, .streamClosed, now) }
        guard endsStream, HTTP2RequestFields.areTrailers(fields), streams[index].announced ?? 0 == 0 else {
            return try fail(stream: id, .protocolError, now)
        }
        requestEnded(at: index)
        return .body(stream: id, ByteBuffer(), isComplete: true)
    }

    // MARK: - Bodies

    mutating func takeData(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        guard head.stream % 2 == 1, head.stream <= lastStream else {
            throw HTTP2ServerFault(.protocolError, "DATA on a stream that was never opened")
        }
        receiveWindow -= head.length
        guard receiveWindow >= 0 else { throw HTTP2ServerFault(.flowControlError, "more DATA than was allowed") }
        acknowledge(head.length)
        let content = try content(of: head, payload)
        let ends = head.has(HTTP2FrameFlag.endStream)
        if content.readableBytes == 0, !ends { try countControlFrame(now) }
        // Of a stream that we have reset, what was under way still comes.
        guard let index = index(of: head.stream) else {
            try checkHeld()
            return nil
        }
        guard !streams[index].hasRequest else { return try fail(stream: head.stream, .streamClosed, now) }
        streams[index].receiveWindow -= head.length
        guard streams[index].receiveWindow >= 0 else { return try fail(stream: head.stream, .flowControlError, now) }
        if let announced = streams[index].announced {
            let rest = announced - content.readableBytes
            guard rest == 0 || rest > 0 && !ends else { return try fail(stream: head.stream, .protocolError, now) }
            streams[index].announced = rest
        }
        if ends { requestEnded(at: index) } else { acknowledge(head.length, at: index) }
        try checkHeld()
        guard ends || content.readableBytes > 0 else { return nil }
        return .body(stream: head.stream, content, isComplete: ends)
    }

    private mutating func requestEnded(at index: Int) {
        streams[index].hasRequest = true
        if streams[index].hasEnded { remove(at: index) }
    }

    /// Lets the client send `count` bytes more on all streams, once half of the window is used.
    private mutating func acknowledge(_ count: Int) {
        unacknowledged += count
        guard unacknowledged * 2 >= max(limits.windowBytes, Self.initialWindow) else { return }
        writeWindowUpdate(stream: 0, unacknowledged)
        receiveWindow += unacknowledged
        unacknowledged = 0
        controlFramesHeld += 1
    }

    private mutating func acknowledge(_ count: Int, at index: Int) {
        streams[index].unacknowledged += count
        guard streams[index].unacknowledged > 0, streams[index].unacknowledged * 2 >= limits.windowBytes else { return }
        writeWindowUpdate(stream: streams[index].id, streams[index].unacknowledged)
        streams[index].receiveWindow += streams[index].unacknowledged
        streams[index].unacknowledged = 0
        controlFramesHeld += 1
    }

    // MARK: - Both

    /// What a frame holds beside its padding and, on HEADERS, its priority.
    private func content(of head: HTTP2FrameHead, _ payload: ByteBuffer) throws(HTTP2ServerFault) -> ByteBuffer {
        var payload = payload
        var padding = 0
        if head.has(HTTP2FrameFlag.padded) {
            guard let count = payload.readInteger(as: UInt8.self) else {
                throw HTTP2ServerFault(.frameSizeError, "a padded frame without padding")
            }
            padding = Int(count)
        }
        if head.kind == HTTP2FrameKind.headers, head.has(HTTP2FrameFlag.priority) {
            guard payload.readSlice(length: 5) != nil else {
                throw HTTP2ServerFault(.frameSizeError, "HEADERS that end inside their priority")
            }
        }
        guard padding <= payload.readableBytes,
            let content = payload.readSlice(length: payload.readableBytes - padding)
        else {
            throw HTTP2ServerFault(.protocolError, "more padding than the frame has")
        }
        return content
    }
}
