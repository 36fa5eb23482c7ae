// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore

/// What one listener takes from its clients: sizes, counts and times.
///
/// Every refusal that one of these numbers causes is counted in ``TransportCounters`` and told to the client in the
/// protocol that it speaks at that point.
package struct TransportLimits: Sendable {
    // MARK: - Connections

    /// Connections in all; more are answered 503.
    package var connectionsMax = 65_536
    /// Connections from one IPv4 address, or one IPv6 network of 64 bits; more are answered 429.
    ///
    /// Whole sites stand behind one address, so it is generous.
    package var connectionsPerAddressMax = 4096
    /// Whether loopback counts against ``connectionsPerAddressMax`` (off: a reverse proxy lives there).
    package var countsLoopback = false
    /// Connections over a limit that may wait at once for their refusal; more are closed without a word.
    package var refusalsMax = 256
    /// How long a connection over a limit may take to say which protocol its refusal should be in.
    package var refusalDeadline: TimeAmount = .seconds(2)
    /// Connections that have been upgraded but have made no request yet; more upgrades are answered 503.
    package var halfOpenUpgradesMax = 4096
    /// How long a client may leave what was sent unacknowledged, as a machine that lost its network does.
    ///
    /// A node would count as online until then, because its map stream is open.
    package var unacknowledgedDeadline: TimeAmount = .seconds(120)
    /// Connections the kernel holds before they are accepted.
    package var backlog: Int32 = 4096

    // MARK: - HTTP/1

    /// From the connection, or from its first byte, to the whole head of the first request.
    ///
    /// Clients open a connection, fetch `/key` on another one and come back: never below 5 s.
    ///
    /// - Source: reference: protocol, section 7.2.
    package var firstRequestDeadline: TimeAmount = .seconds(15)
    /// How long a kept-alive connection may stay without a further request.
    package var keepAliveIdle: TimeAmount = .seconds(60)
    /// From a request's head to the end of its body.
    package var bodyDeadline: TimeAmount = .seconds(30)
    /// How long a client may take to accept a whole answer.
    package var responseDeadline: TimeAmount = .seconds(120)
    /// Request line and header fields, added up.
    package var headerBytesMax = 32 * 1024
    /// Header fields in one request.
    package var headerFieldsMax = 100
    /// A request's target.
    package var targetBytesMax = 8 * 1024
    /// A request's body, unless its route says otherwise.
    package var bodyBytesMax = 1024 * 1024
    /// What is read and thrown away of a refused request, so that the client sees the refusal.
    package var drainBytesMax = 256 * 1024
    /// How long that may take.
    package var drainDeadline: TimeAmount = .seconds(2)

    // MARK: - HTTP/2 inside Noise

    /// From the upgrade to the first request.
    package var firstInnerRequestDeadline: TimeAmount = .seconds(15)
    /// How long a connection without streams is kept; clients open a new one when they need it.
    package var innerIdle: TimeAmount = .minutes(10)
    /// Streams that one connection may have open.
    package var streamsMax = 100
    /// What a client may send on a stream, and on a connection, ahead of us.
    package var windowBytes = 65_535
    /// The largest frame that is accepted.
    package var frameBytesMax = 16_384
    /// Header fields of one request, as HTTP/2 counts them.
    package var innerHeaderBytesMax = 16_384
    /// CONTINUATION frames for one header block.
    package var continuationsMax = 4
    /// RST_STREAM frames in 30 s, those that a client makes us send among them.
    package var resetsMax = 200
    /// PING, SETTINGS, PRIORITY, GOAWAY, empty DATA and unknown frames in 30 s.
    package var controlFramesMax = 200
    /// Answers to control frames, resets and opened windows that may wait for a client that does not read.
    package var controlFramesHeldMax = 500
    /// The body of one request.
    package var innerBodyBytesMax = 1024 * 1024
    /// The bodies of all unfinished requests of one connection.
    package var innerBodyBytesPerConnectionMax = 4 * 1024 * 1024
    /// From a request's header to the end of its body.
    package var innerBodyDeadline: TimeAmount = .seconds(30)
    /// A stream is not writable while more than this waits for the client.
    package var streamHighWaterBytes = 64 * 1024
    /// A stream becomes writable again when less than this waits.
    package var streamLowWaterBytes = 16 * 1024
    /// A stream that holds more than this and is written to nevertheless is reset.
    package var streamHeldBytesMax = 8 * 1024 * 1024
    /// How long a stream may hold bytes that its client does not take.
    package var stallDeadline: TimeAmount = .seconds(120)

    // MARK: - Both

    /// The bodies of all unfinished requests of all connections; more are answered 503.
    package var bodyBytesInAllMax = 256 * 1024 * 1024

    // MARK: - WebSocket

    /// One frame's payload; clients send a whole packet of the relay in one, which may have 64 KiB.
    package var webSocketFrameBytesMax = 128 * 1024

    /// The defaults.
    package init() {}
}
