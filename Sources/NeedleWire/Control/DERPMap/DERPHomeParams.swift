// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How a client weighs relay regions when it chooses its home.
package struct DERPHomeParams: Hashable, Sendable {
    /// By region id: what measured latency is multiplied by; absent means unchanged, empty means 1 for every region.
    package var regionScore: [Int: Double]?

    /// What is not given is left at the value that stands for "absent".
    package init(regionScore: [Int: Double]? = nil) {
        self.regionScore = regionScore
    }
}

extension DERPHomeParams: JSONCoded {
    private enum Field: String, JSONField {
        case regionScore = "RegionScore"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .regionScore: regionScore = try reader.numbered(max: WireLimits.serverListMax)
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let regionScore { writer.field("RegionScore", numbered: regionScore) }
        writer.endObject()
    }
}
