// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK

/// What a client's bytes mean to those who answer requests.
enum HTTP2ServerEvent: Equatable {
    /// A request has begun; its fields are checked, pseudo-header fields among them.
    case request(stream: UInt32, fields: HPACKHeaders, isComplete: Bool)
    /// A piece of a request's body; an empty one only if it completes the request.
    case body(stream: UInt32, ByteBuffer, isComplete: Bool)
    /// A stream that a request had come on is gone: the client gave it up, or broke a rule on it.
    case reset(stream: UInt32, code: UInt32)
    /// The client will send no more requests.
    case goAway(code: UInt32)
}
