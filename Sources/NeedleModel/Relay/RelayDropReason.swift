// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a packet or a notice was not passed on.
package enum RelayDropReason: String, Sendable, Hashable, CaseIterable {
    /// Nobody with that key is connected.
    case unknownDestination = "unknown_destination"
    /// The oldest data packet made room for a newer one.
    case dataQueueFull = "data_queue_full"
    /// The oldest discovery packet made room for a newer one.
    case discoQueueFull = "disco_queue_full"
    /// A departure was not told because too many waited.
    case noticeQueueFull = "notice_queue_full"
    /// The connection closed before the packet could be written.
    case connectionClosed = "connection_closed"
}
