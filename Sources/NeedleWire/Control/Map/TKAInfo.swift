// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Where tailnet lock stands.
///
/// Absent in the first message of a stream, it means that the lock is off.
package struct TKAInfo: Hashable, Sendable {
    /// The hash of the newest update, in base32; absent with ``disabled``.
    package var head = ""
    /// Whether the lock was switched off; absent means it is on.
    package var disabled = false

    /// What is not given is left at the value that stands for "absent".
    package init(head: String = "", disabled: Bool = false) {
        self.head = head
        self.disabled = disabled
    }
}

extension TKAInfo: JSONCoded {
    private enum Field: String, JSONField {
        case head = "Head"
        case disabled = "Disabled"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .head: head = try reader.shortText()
            case .disabled: disabled = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Head", ifNotEmpty: head)
        writer.field("Disabled", ifTrue: disabled)
        writer.endObject()
    }
}
