// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A button under a ``DisplayMessage``.
package struct DisplayMessageAction: Hashable, Sendable {
    /// What it opens.
    package var url = ""
    /// What it says.
    package var label = ""

    /// What is not given is left at the value that stands for "absent".
    package init(url: String = "", label: String = "") {
        self.url = url
        self.label = label
    }
}

extension DisplayMessageAction: JSONCoded {
    private enum Field: String, JSONField {
        case url = "URL"
        case label = "Label"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .url: url = try reader.value() ?? ""
            case .label: label = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("URL", url)
        writer.field("Label", display: label)
        writer.endObject()
    }
}
