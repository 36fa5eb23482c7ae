// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The relay servers that a client may use, whole or as a change of what it has.
///
/// Without a region a client never gets further than "Starting" (reference: protocol trap 17).
///
/// - Source: tailcfg.DERPMap.
package struct DERPMap: Hashable, Sendable {
    /// How to weigh regions; absent means unchanged.
    package var homeParams: DERPHomeParams?
    /// All regions by id; absent, or empty, means unchanged.
    package var regions: [Int: DERPRegion] = [:]
    /// Whether a server leaves Tailscale's own regions out; absent means no, and clients ignore it.
    package var omitDefaultRegions = false

    /// What is not given is left at the value that stands for "absent".
    package init(
        homeParams: DERPHomeParams? = nil,
        regions: [Int: DERPRegion] = [:],
        omitDefaultRegions: Bool = false
    ) {
        self.homeParams = homeParams
        self.regions = regions
        self.omitDefaultRegions = omitDefaultRegions
    }
}

extension DERPMap: JSONCoded {
    private enum Field: String, JSONField {
        case homeParams = "HomeParams"
        case regions = "Regions"
        case omitDefaultRegions

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .homeParams: homeParams = try reader.value()
            case .regions: regions = try reader.numbered(max: WireLimits.serverListMax) ?? [:]
            case .omitDefaultRegions: omitDefaultRegions = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("HomeParams", ifPresent: homeParams)
        if !regions.isEmpty { writer.field("Regions", numbered: regions) }
        writer.field("omitDefaultRegions", ifTrue: omitDefaultRegions)
        writer.endObject()
    }
}
