// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The answer to a ``QueryFeatureRequest``.
package struct QueryFeatureResponse: Hashable, Sendable {
    /// Whether it is on already; absent means no.
    package var complete = false
    /// What to tell the person; absent means nothing.
    package var text = ""
    /// Where to switch it on; absent means nowhere.
    package var url = ""
    /// Whether the client waits until its node has the capability; absent means no.
    package var shouldWait = false

    /// What is not given is left at the value that stands for "absent".
    package init(complete: Bool = false, text: String = "", url: String = "", shouldWait: Bool = false) {
        self.complete = complete
        self.text = text
        self.url = url
        self.shouldWait = shouldWait
    }
}

extension QueryFeatureResponse: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case complete = "Complete"
        case text = "Text"
        case url = "URL"
        case shouldWait = "ShouldWait"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .complete: complete = try reader.value() ?? false
            case .text: text = try reader.value() ?? ""
            case .url: url = try reader.value() ?? ""
            case .shouldWait: shouldWait = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Complete", ifTrue: complete)
        writer.field("Text", ifNotEmpty: text)
        writer.field("URL", ifNotEmpty: url)
        writer.field("ShouldWait", ifTrue: shouldWait)
        writer.endObject()
    }
}
