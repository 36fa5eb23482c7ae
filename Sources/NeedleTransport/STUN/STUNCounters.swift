// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What the STUN server has done since it started.
package struct STUNCounters: Equatable, Sendable {
    /// Requests over IPv4 that were answered.
    package var answeredV4: UInt64 = 0
    /// Requests over IPv6 that were answered.
    package var answeredV6: UInt64 = 0
    /// Datagrams that are no request of a Tailscale client.
    package var ignored: UInt64 = 0
    /// Requests that were not answered because the socket could take no more.
    package var dropped: UInt64 = 0

    /// Nothing yet.
    package init() {}
}
