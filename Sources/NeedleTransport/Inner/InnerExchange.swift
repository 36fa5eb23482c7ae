// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore

/// The answer to one request: whole, or as a stream that stays open.
///
/// The four calls that send may come from anywhere; from another thread they take a hop and keep their order. The
/// properties are for the event loop only.
///
/// ```
/// ──respond──────────────────▶ done
/// ──startStream──write…──end─▶ done
/// ```
package final class InnerExchange: Sendable {
    /// The connection's loop.
    package let eventLoop: any EventLoop
    private let stream: NIOLoopBound<InnerStream>

    init(stream: InnerStream, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.stream = NIOLoopBound(stream, eventLoop: eventLoop)
    }

    deinit {
        let stream = stream
        if eventLoop.inEventLoop, stream.value.isOver { return }
        // Behind the calls that other threads have made and that have not had their turn.
        eventLoop.execute { stream.value.abandoned() }
    }

    /// Sends a whole answer; a second one is ignored.
    package func respond(status: Int, contentType: String? = nil, body: ByteBuffer = ByteBuffer()) {
        onLoop { $0.respond(status: status, contentType: contentType, body: body) }
    }

    /// Sends the head of an answer whose body follows in pieces.
    package func startStream(status: Int = 200) {
        onLoop { $0.startStream(status: status) }
    }

    /// Sends a piece at once, as far as the client lets it.
    ///
    /// To be called when ``isWritable``. Who writes on regardless has the stream reset once more waits than
    /// ``TransportLimits/streamHeldBytesMax``.
    package func write(_ bytes: ByteBuffer) {
        write([bytes])
    }

    /// Sends pieces that belong together, as ``write(_:)-swift.method``, with nothing in between.
    package func write(_ pieces: [ByteBuffer]) {
        onLoop { $0.write(pieces) }
    }

    /// Ends the stream; what was written before still arrives.
    package func end() {
        onLoop { $0.end() }
    }

    /// Whether the client takes more: its window, its connection and the socket have room.
    package var isWritable: Bool { stream.value.isWritable }

    /// Bytes that were written but have not left yet.
    package var heldBytes: Int { stream.value.heldBytes }

    /// Called when ``isWritable`` has become true.
    package var onWritable: (() -> Void)? {
        get { stream.value.onWritable }
        set { stream.value.onWritable = newValue }
    }

    /// Called once, if the stream is over before the answer was complete: the client went away or gave up, did not
    /// take what was sent, or the server is shutting down.
    package var onClosed: (() -> Void)? {
        get { stream.value.onClosed }
        set { stream.value.setOnClosed(newValue) }
    }

    /// Called once, if the server begins to shut down before the answer was complete: answer soon, or be cut off.
    ///
    /// Streams that have been started are ended without being asked; see ``onClosed``.
    package var onShutdown: (() -> Void)? {
        get { stream.value.onShutdown }
        set { stream.value.onShutdown = newValue }
    }

    private func onLoop(_ body: @escaping @Sendable (InnerStream) -> Void) {
        if eventLoop.inEventLoop {
            body(stream.value)
        } else {
            eventLoop.execute { [stream] in body(stream.value) }
        }
    }
}
