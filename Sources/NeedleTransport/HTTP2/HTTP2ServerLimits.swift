// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What the server's side of HTTP/2 takes from a client.
struct HTTP2ServerLimits: Equatable, Sendable {
    /// Streams that may be open at once; more are reset with REFUSED_STREAM.
    var streamsMax = 100
    /// What a client may send ahead of us, on a stream and in all.
    var windowBytes = 65_535
    /// The largest frame that is accepted; never below 16,384.
    var frameBytesMax = 16_384
    /// One header block, compressed and not.
    var headerBytesMax = 16_384
    /// CONTINUATION frames for one header block.
    var continuationsMax = 4
    /// RST_STREAM frames in 30 s, those that the client causes us to send among them.
    var resetsMax = 200
    /// PING, SETTINGS, PRIORITY, GOAWAY and unknown frames, and empty DATA frames, in 30 s.
    var controlFramesMax = 200
    /// Frames that the client caused and that wait because it does not read.
    var controlFramesHeldMax = 500
    /// A stream is full when more than this waits on it.
    var streamHighWaterBytes = 64 * 1024
    /// It has room again when less than this does.
    var streamLowWaterBytes = 16 * 1024
}
