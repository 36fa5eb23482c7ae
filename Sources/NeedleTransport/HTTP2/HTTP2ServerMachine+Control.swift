// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

// Frames about the connection, and about the streams' ends and windows.
extension HTTP2ServerMachine {
    // MARK: - Settings

    mutating func takeSettings(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        try countControlFrame(now)
        guard head.stream == 0 else { throw HTTP2ServerFault(.protocolError, "SETTINGS on a stream") }
        guard !head.has(HTTP2FrameFlag.acknowledgement) else {
            guard head.length == 0 else { throw HTTP2ServerFault(.frameSizeError, "an acknowledgement with SETTINGS") }
            settingsAcknowledged()
            return nil
        }
        guard head.length % 6 == 0 else { throw HTTP2ServerFault(.frameSizeError, "SETTINGS of \(head.length) bytes") }
        var payload = payload
        while let (name, value) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
            try take(setting: name, Int(value))
        }
        withControl {
            $0.writeFrameHead(
                HTTP2FrameHead(length: 0, kind: HTTP2FrameKind.settings, flags: HTTP2FrameFlag.acknowledgement)
            )
        }
        try countHeld()
        return nil
    }

    private mutating func take(setting name: UInt16, _ value: Int) throws(HTTP2ServerFault) {
        switch name {
        case HTTP2SettingName.push:
            guard value <= 1 else { throw HTTP2ServerFault(.protocolError, "SETTINGS_ENABLE_PUSH of \(value)") }
        case HTTP2SettingName.initialWindow:
            guard value <= Self.windowMax else { throw HTTP2ServerFault(.flowControlError, "a window of \(value)") }
            for index in streams.indices {
                streams[index].sendWindow += value - initialSendWindow
                guard streams[index].sendWindow <= Self.windowMax else {
                    throw HTTP2ServerFault(.flowControlError, "a window of more than 2^31 - 1")
                }
            }
            initialSendWindow = value
        case HTTP2SettingName.frameBytesMax:
            guard (Self.initialFrameBytes..<1 << 24).contains(value) else {
                throw HTTP2ServerFault(.protocolError, "SETTINGS_MAX_FRAME_SIZE of \(value)")
            }
            sendFrameBytes = value
        default:
            // Ours is the side that opens no streams, keeps no table of header fields, and sends few of them.
            break
        }
    }

    /// From now on the client goes by what we said at the beginning.
    private mutating func settingsAcknowledged() {
        decoder.dropTable()
        let change = limits.windowBytes - initialReceiveWindow
        initialReceiveWindow = limits.windowBytes
        for index in streams.indices { streams[index].receiveWindow += change }
    }

    // MARK: - The connection

    mutating func takePing(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) {
        try countControlFrame(now)
        guard head.stream == 0 else { throw HTTP2ServerFault(.protocolError, "a PING on a stream") }
        guard head.length == 8 else { throw HTTP2ServerFault(.frameSizeError, "a PING of \(head.length) bytes") }
        if head.has(HTTP2FrameFlag.acknowledgement) { return }
        withControl {
            $0.writeFrameHead(
                HTTP2FrameHead(length: 8, kind: HTTP2FrameKind.ping, flags: HTTP2FrameFlag.acknowledgement)
            )
            $0.writeImmutableBuffer(payload)
        }
        try countHeld()
    }

    mutating func takeGoAway(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        try countControlFrame(now)
        guard head.stream == 0 else { throw HTTP2ServerFault(.protocolError, "GOAWAY on a stream") }
        guard let code = payload.getInteger(at: payload.readerIndex + 4, as: UInt32.self) else {
            throw HTTP2ServerFault(.frameSizeError, "GOAWAY of \(head.length) bytes")
        }
        return .goAway(code: code)
    }

    mutating func takeWindowUpdate(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        guard head.length == 4, let word = payload.getInteger(at: payload.readerIndex, as: UInt32.self) else {
            throw HTTP2ServerFault(.frameSizeError, "WINDOW_UPDATE of \(head.length) bytes")
        }
        let increment = Int(word & 0x7fff_ffff)
        guard head.stream != 0 else {
            guard increment > 0 else { throw HTTP2ServerFault(.protocolError, "WINDOW_UPDATE by nothing") }
            sendWindow += increment
            guard sendWindow <= Self.windowMax else {
                throw HTTP2ServerFault(.flowControlError, "a window of more than 2^31 - 1")
            }
            return nil
        }
        try requireOnceOpen(head)
        // The client may not know yet that the stream is over.
        guard let index = index(of: head.stream) else { return nil }
        guard increment > 0 else { return try fail(stream: head.stream, .protocolError, now) }
        streams[index].sendWindow += increment
        guard streams[index].sendWindow <= Self.windowMax else {
            return try fail(stream: head.stream, .flowControlError, now)
        }
        return nil
    }

    // MARK: - The ends of streams

    mutating func takeReset(
        _ head: HTTP2FrameHead,
        _ payload: ByteBuffer,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        guard head.length == 4, let code = payload.getInteger(at: payload.readerIndex, as: UInt32.self) else {
            throw HTTP2ServerFault(.frameSizeError, "RST_STREAM of \(head.length) bytes")
        }
        try requireOnceOpen(head)
        try countReset(now)
        guard let index = index(of: head.stream) else { return nil }
        remove(at: index)
        return .reset(stream: head.stream, code: code)
    }

    /// Priorities mean nothing here; only their form is looked at.
    mutating func takePriority(
        _ head: HTTP2FrameHead,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        try countControlFrame(now)
        guard head.stream != 0 else { throw HTTP2ServerFault(.protocolError, "PRIORITY on no stream") }
        guard head.length != 5 else { return nil }
        // A stream that was never opened cannot be reset.
        guard head.stream % 2 == 1, head.stream <= lastStream else {
            throw HTTP2ServerFault(.frameSizeError, "PRIORITY of \(head.length) bytes")
        }
        return try fail(stream: head.stream, .frameSizeError, now)
    }

    /// Tells the client that a stream is over because of what it did there.
    mutating func fail(
        stream id: UInt32,
        _ code: HTTP2FaultCode,
        _ now: NIODeadline
    ) throws(HTTP2ServerFault) -> HTTP2ServerEvent? {
        // Who makes us reset streams costs as much as who resets them.
        try countReset(now)
        writeReset(stream: id, code)
        try countHeld()
        guard let index = index(of: id) else { return nil }
        remove(at: index)
        return .reset(stream: id, code: code.rawValue)
    }

    private func requireOnceOpen(_ head: HTTP2FrameHead) throws(HTTP2ServerFault) {
        guard head.stream % 2 == 1, head.stream <= lastStream else {
            throw HTTP2ServerFault(.protocolError, "a frame on a stream that was never opened")
        }
    }

    // MARK: - Counting

    mutating func countControlFrame(_ now: NIODeadline) throws(HTTP2ServerFault) {
        guard controlFrames.allows(limits.controlFramesMax, now: now) else {
            throw HTTP2ServerFault(.enhanceYourCalm, "more than \(limits.controlFramesMax) control frames in 30 s")
        }
    }

    private mutating func countReset(_ now: NIODeadline) throws(HTTP2ServerFault) {
        guard resets.allows(limits.resetsMax, now: now) else {
            throw HTTP2ServerFault(.enhanceYourCalm, "more than \(limits.resetsMax) resets in 30 s")
        }
    }

    private mutating func countHeld() throws(HTTP2ServerFault) {
        controlFramesHeld += 1
        try checkHeld()
    }

    func checkHeld() throws(HTTP2ServerFault) {
        guard controlFramesHeld <= limits.controlFramesHeldMax else {
            throw HTTP2ServerFault(.enhanceYourCalm, "answers that are not read")
        }
    }
}
