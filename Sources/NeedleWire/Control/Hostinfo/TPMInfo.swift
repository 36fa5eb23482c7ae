// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a machine says about its trusted platform module.
package struct TPMInfo: Hashable, Sendable {
    /// Four letters; absent means unknown.
    package var manufacturer = ""
    /// A text of the vendor; absent means unknown.
    package var vendor = ""
    /// A number of the vendor; absent means unknown.
    package var model = 0
    /// A number of the vendor; absent means unknown.
    package var firmwareVersion: UInt64 = 0
    /// The revision of the specification times 100; absent means unknown.
    package var specRevision = 0
    /// The family of the specification, such as `2.0`; absent means unknown.
    package var familyIndicator = ""

    /// What is not given is left at the value that stands for "absent".
    package init(
        manufacturer: String = "",
        vendor: String = "",
        model: Int = 0,
        firmwareVersion: UInt64 = 0,
        specRevision: Int = 0,
        familyIndicator: String = ""
    ) {
        self.manufacturer = manufacturer
        self.vendor = vendor
        self.model = model
        self.firmwareVersion = firmwareVersion
        self.specRevision = specRevision
        self.familyIndicator = familyIndicator
    }
}

extension TPMInfo: JSONCoded {
    private enum Field: String, JSONField {
        case manufacturer = "Manufacturer"
        case vendor = "Vendor"
        case model = "Model"
        case firmwareVersion = "FirmwareVersion"
        case specRevision = "SpecRevision"
        case familyIndicator = "FamilyIndicator"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .manufacturer: manufacturer = try reader.shortText()
            case .vendor: vendor = try reader.shortText()
            case .model: model = try reader.value() ?? 0
            case .firmwareVersion: firmwareVersion = try reader.value() ?? 0
            case .specRevision: specRevision = try reader.value() ?? 0
            case .familyIndicator: familyIndicator = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Manufacturer", ifNotEmpty: manufacturer)
        writer.field("Vendor", ifNotEmpty: vendor)
        writer.field("Model", ifNotZero: model)
        writer.field("FirmwareVersion", ifNotZero: firmwareVersion)
        writer.field("SpecRevision", ifNotZero: specRevision)
        writer.field("FamilyIndicator", ifNotEmpty: familyIndicator)
        writer.endObject()
    }
}
