// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Something that the client shows its person (capver 117).
package struct DisplayMessage: Hashable, Sendable {
    /// One line.
    package var title = ""
    /// A sentence or more.
    package var text = ""
    /// `high`, `medium` or `low`.
    package var severity = ""
    /// Whether the network does not work because of it; absent means it does.
    package var impactsConnectivity = false
    /// What the person can do; absent means nothing.
    package var primaryAction: DisplayMessageAction?

    /// What is not given is left at the value that stands for "absent".
    package init(
        title: String = "",
        text: String = "",
        severity: String = "",
        impactsConnectivity: Bool = false,
        primaryAction: DisplayMessageAction? = nil
    ) {
        self.title = title
        self.text = text
        self.severity = severity
        self.impactsConnectivity = impactsConnectivity
        self.primaryAction = primaryAction
    }
}

extension DisplayMessage: JSONCoded {
    private enum Field: String, JSONField {
        case title = "Title"
        case text = "Text"
        case severity = "Severity"
        case impactsConnectivity = "ImpactsConnectivity"
        case primaryAction = "PrimaryAction"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .title: title = try reader.shortText()
            case .text: text = try reader.shortText()
            case .severity: severity = try reader.shortText()
            case .impactsConnectivity: impactsConnectivity = try reader.value() ?? false
            case .primaryAction: primaryAction = try reader.value()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Title", display: title)
        writer.field("Text", display: text)
        writer.field("Severity", severity)
        writer.field("ImpactsConnectivity", ifTrue: impactsConnectivity)
        writer.field("PrimaryAction", ifPresent: primaryAction)
        writer.endObject()
    }
}
