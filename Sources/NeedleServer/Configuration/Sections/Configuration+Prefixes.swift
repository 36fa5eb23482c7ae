// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension Configuration {
    /// The ranges that nodes get their addresses from.
    package struct Prefixes: Equatable, Sendable {
        /// How the next free address is chosen.
        package enum Allocation: String, CaseIterable, Sendable {
            case sequential
            case random
        }

        /// `prefixes.v4`; nothing for a tailnet without IPv4.
        package var v4 = IPPrefix(text: "100.64.0.0/10")
        /// `prefixes.v6`; nothing for a tailnet without IPv6.
        package var v6 = IPPrefix(text: "fd7a:115c:a1e0::/48")
        /// `prefixes.allocation`.
        package var allocation = Allocation.sequential

        /// Both of the ranges that every client supports.
        package init() {}
    }
}
