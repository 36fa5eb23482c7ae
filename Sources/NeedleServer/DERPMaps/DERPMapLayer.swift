// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleWire

/// What one file or URL says about relays: regions to have, and regions to be without.
///
/// Layers are laid over each other by ``DERPMap/merging(_:embedded:)``.
package struct DERPMapLayer: Equatable, Sendable {
    /// What a layer makes of a region.
    package enum Entry: Equatable, Sendable {
        /// The region is this, whatever layers below say.
        case region(DERPRegion)
        /// There is no such region.
        case removed
    }

    /// The file or URL.
    package let source: String
    /// By region id.
    package let entries: [Int: Entry]

    /// The layer of `source` with entries that were checked.
    init(source: String, entries: [Int: Entry]) {
        self.source = source
        self.entries = entries
    }
}
