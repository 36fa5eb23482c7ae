// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What was made to tell clients of a change.
struct MessageCost: Equatable {
    var fullMaps = 0
    var differences = 0
    /// Bytes of differences that are made for one client.
    var ownBytes = 0
    /// Bytes of differences that are made once for all who receive them.
    var sharedBytes = 0
}
