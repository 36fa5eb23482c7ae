// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

// What leaves: as much as the channel takes, in few and large writes.
extension InnerConnectionHandler {
    /// How much is handed on before the channel is asked whether it takes more.
    ///
    /// In records, with their heads and tags, it is just below 64 KiB.
    private static let batchBytes = 15 * 4077

    /// Sends what may leave now, and tells those who may write again.
    func pump() {
        guard !isBusy else { return }
        isBusy = true
        repeat { sendOutput() } while noticeStreams()
        isBusy = false
    }

    /// Sends what does not wait for anything, whether or not the client reads.
    func sendControl(promise: EventLoopPromise<Void>? = nil) {
        guard let output = machine.takeOutput(bytesMax: 0) else {
            promise?.succeed()
            return
        }
        send(output, promise: promise)
    }

    /// Whether a stream's client takes more.
    func hasRoom(_ id: UInt32) -> Bool {
        context != nil && channelIsWritable && machine.hasRoom(stream: id)
    }

    /// What was written on a stream and is not with the socket yet.
    ///
    /// Of what is with the channel, that of other streams ahead of it is counted too: it has to leave first.
    func heldBytes(_ id: UInt32) -> Int {
        machine.waitingBytes(stream: id) + max(0, machine.handedMark(stream: id) - sentMark)
    }

    /// Ends a stream before its time.
    func reset(_ id: UInt32, _ code: HTTP2FaultCode) {
        machine.reset(stream: id, code)
        close(id)
        pump()
    }

    private func sendOutput() {
        while context != nil, channelIsWritable, let output = machine.takeOutput(bytesMax: Self.batchBytes) {
            send(output, promise: nil)
        }
    }

    private func send(_ output: HTTP2Output, promise: EventLoopPromise<Void>?) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        var sent = promise
        if let mark = output.mark {
            let left = context.eventLoop.makePromise(of: Void.self)
            left.futureResult.assumeIsolated().whenComplete { _ in self.left(upTo: mark) }
            left.futureResult.cascade(to: promise)
            sent = left
        }
        if !output.bytes.isOneBuffer {
            context.triggerUserOutboundEvent(OutboundBytesAhead(count: output.byteCount), promise: nil)
        }
        output.bytes.forEachBuffer { bytes, isLast in
            context.write(wrapOutboundOut(bytes), promise: isLast ? sent : nil)
        }
        context.flush()
    }

    /// What was handed to the channel up to `mark` is with the socket, or the connection is over.
    private func left(upTo mark: Int) {
        guard let context else { return }
        let before = sentMark
        sentMark = max(sentMark, mark)
        let now = context.eventLoop.now
        for stream in streams where machine.handedMark(stream: stream.id) > before { stream.lastProgress = now }
    }

    /// Lets go of the streams that are finished, and tells the others whether there is room again.
    ///
    /// - Returns: whether one of them may have written something.
    private func noticeStreams() -> Bool {
        if machine.streamCount != streams.count {
            for stream in streams where !machine.isOpen(stream: stream.id) { close(stream.id) }
        }
        var wasTold = false
        for stream in streams where stream.noticeRoom() { wasTold = true }
        return wasTold
    }
}
