// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Sent outwards before several writes that belong together, so that the records are made in memory that fits them all.
struct OutboundBytesAhead {
    let count: Int
}
