// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The answer to a web interface that wants its visitor confirmed.
package struct WebClientAuthResponse: Hashable, Sendable {
    /// Names the confirmation in the next request; absent when none is needed.
    package var id = ""
    /// Where the visitor confirms; absent when none is needed.
    package var url = ""
    /// Whether it is done; absent means no.
    package var complete = false

    /// What is not given is left at the value that stands for "absent".
    package init(id: String = "", url: String = "", complete: Bool = false) {
        self.id = id
        self.url = url
        self.complete = complete
    }
}

extension WebClientAuthResponse: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case id = "ID"
        case url = "URL"
        case complete = "Complete"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .id: id = try reader.shortText()
            case .url: url = try reader.value() ?? ""
            case .complete: complete = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("ID", ifNotEmpty: id)
        writer.field("URL", ifNotEmpty: url)
        writer.field("Complete", ifTrue: complete)
        writer.endObject()
    }
}
