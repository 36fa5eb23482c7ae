// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A place with relay servers, any of which serves a client of that region.
package struct DERPRegion: Hashable, Sendable {
    /// Above 0; 900 to 999 are for self-hosters.
    package var regionID = 0
    /// Short and unique, such as `fra`.
    package var regionCode = ""
    /// For people.
    package var regionName = ""
    /// Degrees north; absent means unknown.
    package var latitude: Double = 0
    /// Degrees east; absent means unknown.
    package var longitude: Double = 0
    /// Whether no client should choose it as home (clients below capver 115); absent means no.
    package var avoid = false
    /// Whether clients neither measure it nor choose it as home; absent means no.
    package var noMeasureNoHome = false
    /// The servers, tried in order.
    package var nodes: [DERPNode] = []

    /// What is not given is left at the value that stands for "absent".
    package init(
        regionID: Int = 0,
        regionCode: String = "",
        regionName: String = "",
        latitude: Double = 0,
        longitude: Double = 0,
        avoid: Bool = false,
        noMeasureNoHome: Bool = false,
        nodes: [DERPNode] = []
    ) {
        self.regionID = regionID
        self.regionCode = regionCode
        self.regionName = regionName
        self.latitude = latitude
        self.longitude = longitude
        self.avoid = avoid
        self.noMeasureNoHome = noMeasureNoHome
        self.nodes = nodes
    }
}

extension DERPRegion: JSONCoded {
    private enum Field: String, JSONField {
        case regionID = "RegionID"
        case regionCode = "RegionCode"
        case regionName = "RegionName"
        case latitude = "Latitude"
        case longitude = "Longitude"
        case avoid = "Avoid"
        case noMeasureNoHome = "NoMeasureNoHome"
        case nodes = "Nodes"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .regionID: regionID = try reader.value() ?? 0
            case .regionCode: regionCode = try reader.shortText()
            case .regionName: regionName = try reader.shortText()
            case .latitude: latitude = try reader.value() ?? 0
            case .longitude: longitude = try reader.value() ?? 0
            case .avoid: avoid = try reader.value() ?? false
            case .noMeasureNoHome: noMeasureNoHome = try reader.value() ?? false
            case .nodes: nodes = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("RegionID", regionID)
        writer.field("RegionCode", display: regionCode)
        writer.field("RegionName", display: regionName)
        if latitude != 0 { writer.field("Latitude", latitude) }
        if longitude != 0 { writer.field("Longitude", longitude) }
        writer.field("Avoid", ifTrue: avoid)
        writer.field("NoMeasureNoHome", ifTrue: noMeasureNoHome)
        writer.field("Nodes", nodes)
        writer.endObject()
    }
}
