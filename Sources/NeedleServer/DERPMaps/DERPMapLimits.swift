// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How much a description of relays may hold.
package enum DERPMapLimits {
    /// The longest answer of a URL of `derp.urls`; Tailscale's own is a tenth of it.
    package static let fetchedBytesMax = 1_048_576
    /// Regions of one layer.
    package static let regionsMax = 1024
    /// Relays of one region.
    package static let nodesMax = 64
    /// Region ids: every client can hold them.
    package static let regionIDs = 1...Int(Int32.max)
    /// Bytes of a region's or a relay's name.
    package static let nameBytesMax = 255
}
