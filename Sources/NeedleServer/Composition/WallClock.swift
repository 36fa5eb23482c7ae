// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
package import NeedleTypes

/// The machine's clock.
package enum WallClock {
    /// The time now.
    @Sendable package static func now() -> Timestamp {
        let time = Date().timeIntervalSince1970
        let seconds = time.rounded(.down)
        return Timestamp(seconds: Int64(seconds), nanoseconds: UInt32((time - seconds) * 1_000_000_000))
    }
}
