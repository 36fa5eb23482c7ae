// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// What a server's bytes mean to those who made requests.
enum HTTP2Event: Equatable {
    /// The response's status; no other header field is read.
    case status(stream: UInt32, Int)
    /// A piece of a response's body, cut where the network cut it.
    case body(stream: UInt32, ByteBuffer)
    /// The response is complete.
    case ended(stream: UInt32)
    /// The server gave the response up.
    case reset(stream: UInt32, code: UInt32)
    /// The server takes no more requests, and answers none above this stream.
    case goAway(lastStream: UInt32, code: UInt32, text: String)
}
