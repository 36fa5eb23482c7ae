// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Application capabilities that sources of a rule have at some destinations.
package struct CapGrant: Hashable, Sendable {
    /// The destinations.
    package var dsts: [IPPrefix] = []
    /// The capabilities and their arguments.
    package var capMap: CapMap = [:]

    /// What is not given is left at the value that stands for "absent".
    package init(dsts: [IPPrefix] = [], capMap: CapMap = [:]) {
        self.dsts = dsts
        self.capMap = capMap
    }
}

extension CapGrant: JSONCoded {
    private enum Field: String, JSONField {
        case dsts = "Dsts"
        case capMap = "CapMap"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .dsts: dsts = try reader.list(max: WireLimits.serverListMax) ?? []
            case .capMap: capMap = try reader.capMap(max: WireLimits.serverListMax) ?? [:]
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Dsts", dsts)
        writer.field("CapMap", lists: capMap)
        writer.endObject()
    }
}
