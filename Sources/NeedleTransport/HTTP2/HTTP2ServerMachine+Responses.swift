// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

// What we say: heads and bodies of responses, and the frames in which they leave.
extension HTTP2ServerMachine {
    // MARK: - Responses

    /// Begins a response; if it `ends` here, it has no body.
    ///
    /// Does nothing if the stream is over: the client may have reset it meanwhile.
    mutating func sendHead(_ head: HTTP2ResponseHead, ends: Bool, stream id: UInt32) {
        guard let index = index(of: id) else { return }
        precondition(!streams[index].hasHead, "a response has one head")
        streams[index].hasHead = true
        let isFirst = !hasWrittenHead
        hasWrittenHead = true
        withControl { output in
            let start = output.writerIndex
            let flags = HTTP2FrameFlag.endHeaders | (ends ? HTTP2FrameFlag.endStream : 0)
            output.writeFrameHead(HTTP2FrameHead(length: 0, kind: HTTP2FrameKind.headers, flags: flags, stream: id))
            head.write(isFirst: isFirst, to: &output)
            let length = output.writerIndex - start - HTTP2FrameHead.byteCount
            // The kind is in the low byte of the word that the length begins.
            output.setInteger(UInt32(length) << 8 | UInt32(HTTP2FrameKind.headers), at: start)
        }
        guard ends else { return }
        // Its stream is gone at once, so that no other limit holds for it while the client does not read.
        controlFramesHeld += 1
        responseEnded(at: index)
    }

    /// Adds to a response's body; it leaves as the windows allow.
    mutating func sendBody(_ bytes: ByteBuffer, ends: Bool, stream id: UInt32) {
        guard let index = index(of: id) else { return }
        precondition(streams[index].hasHead, "a body follows a head")
        precondition(!streams[index].endsAfterWaiting && !streams[index].hasEnded, "a response ends once")
        streams[index].waiting.append(bytes)
        streams[index].endsAfterWaiting = ends
        if streams[index].waiting.byteCount > limits.streamHighWaterBytes { streams[index].isFull = true }
    }

    /// Ends a stream before its time; what waits on it is let go.
    mutating func reset(stream id: UInt32, _ code: HTTP2FaultCode) {
        guard let index = index(of: id) else { return }
        writeReset(stream: id, code)
        remove(at: index)
    }

    /// Whether a stream has room for more, as far as the client is concerned.
    func hasRoom(stream id: UInt32) -> Bool {
        guard sendWindow > 0, let index = index(of: id) else { return false }
        return streams[index].sendWindow > 0 && !streams[index].isFull
    }

    /// How much waits on a stream for its windows.
    func waitingBytes(stream id: UInt32) -> Int {
        index(of: id).map { streams[$0].waiting.byteCount } ?? 0
    }

    /// What the connection had handed out of bodies when this stream last did.
    func handedMark(stream id: UInt32) -> Int {
        index(of: id).map { streams[$0].handedMark } ?? 0
    }

    private mutating func responseEnded(at index: Int) {
        streams[index].hasEnded = true
        if streams[index].hasRequest { remove(at: index) }
    }

    // MARK: - The connection

    /// Tells the client that streams above `lastStream` are not answered.
    mutating func goAway(lastStream: UInt32, _ code: HTTP2FaultCode, _ text: String = "") {
        withControl { output in
            output.writeFrameHead(HTTP2FrameHead(length: 8 + text.utf8.count, kind: HTTP2FrameKind.goAway))
            output.writeMultipleIntegers(lastStream, code.rawValue)
            output.writeString(text)
        }
    }

    // MARK: - Output

    /// Takes what may leave now: all control frames, and of the bodies what fits
    /// `bytesMax` together with them.
    ///
    /// Streams take turns, a frame each.
    ///
    /// - Returns: nothing if there is nothing.
    mutating func takeOutput(bytesMax: Int) -> HTTP2Output? {
        var output = HTTP2Output(control.take())
        controlFramesHeld = 0
        var silent = 0
        while phase != .over, output.byteCount < bytesMax, silent < streams.count {
            if turn >= streams.count { turn = 0 }
            if sendFrame(at: turn, bytesMax: bytesMax - output.byteCount, &output) { silent = 0 } else { silent += 1 }
        }
        return output.isEmpty ? nil : output
    }

    /// Sends one frame of the stream at `index`, if there is one, and gives the turn to the next.
    private mutating func sendFrame(at index: Int, bytesMax: Int, _ output: inout HTTP2Output) -> Bool {
        turn = index + 1
        guard !streams[index].hasEnded else { return false }
        // Field by field: a copy of the stream would make the queue copy itself below.
        let all = streams[index].waiting.byteCount
        let count = min(all, streams[index].sendWindow, sendWindow, sendFrameBytes, bytesMax - HTTP2FrameHead.byteCount)
        let ends = streams[index].endsAfterWaiting && count == all
        guard count > 0 || ends else { return false }
        let flags = ends ? HTTP2FrameFlag.endStream : 0
        output.append(HTTP2FrameHead(length: count, kind: HTTP2FrameKind.data, flags: flags, stream: streams[index].id))
        var rest = count
        while rest > 0, let slice = streams[index].waiting.takeSlice(max: rest) {
            rest -= slice.readableBytes
            output.append(payload: slice)
        }
        sendWindow -= count
        handedBytes += count
        output.mark = handedBytes
        streams[index].sendWindow -= count
        streams[index].handedMark = handedBytes
        if all == count || all - count < limits.streamLowWaterBytes { streams[index].isFull = false }
        if ends { responseEnded(at: index) }
        return true
    }

    // MARK: - Frames that do not wait for windows

    mutating func writeReset(stream: UInt32, _ code: HTTP2FaultCode) {
        withControl {
            $0.writeFrameHead(HTTP2FrameHead(length: 4, kind: HTTP2FrameKind.resetStream, stream: stream))
            $0.writeInteger(code.rawValue)
        }
    }

    mutating func writeWindowUpdate(stream: UInt32, _ increment: Int) {
        withControl {
            $0.writeFrameHead(HTTP2FrameHead(length: 4, kind: HTTP2FrameKind.windowUpdate, stream: stream))
            $0.writeInteger(UInt32(clamping: increment))
        }
    }

    mutating func withControl(_ body: (inout ByteBuffer) -> Void) {
        var output = control.take() ?? ByteBuffer()
        body(&output)
        control = output
    }
}
