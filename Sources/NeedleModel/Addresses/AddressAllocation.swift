// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How addresses are given to new nodes.
package enum AddressAllocation: String, Sendable, Hashable {
    /// The next free one after the last that was given.
    case sequential
    /// Any free one.
    case random
}
