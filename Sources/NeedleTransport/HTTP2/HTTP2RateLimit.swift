// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// Counts how often something happens, in windows of 30 s that begin with the first event after the last window.
///
/// A list of times would be exact, and cost 1.6 KB a connection. Here nobody is refused who keeps to the limit, and
/// nobody gets away with more than twice of it in any 30 s.
struct HTTP2RateLimit: Equatable {
    private static let window = TimeAmount.seconds(30)

    private var count: Int32 = 0
    private var since = NIODeadline.uptimeNanoseconds(0)

    /// Counts one more.
    ///
    /// - Returns: whether that is still within `max`.
    mutating func allows(_ max: Int, now: NIODeadline) -> Bool {
        if count == 0 || now - since > Self.window {
            since = now
            count = 0
        }
        count &+= 1
        return count <= max
    }
}
