// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Wishes that no client should be sent twice, since some cannot be taken back.
package struct Debug: Hashable, Sendable {
    /// How long the client waits before it goes on, at most 300; absent means not at all.
    package var sleepSeconds: Double = 0
    /// Whether the client stops logging to Tailscale, for the life of its process; absent means no.
    package var disableLogTail = false
    /// The code that the client exits with; absent means it does not.
    package var exit: Int?

    /// What is not given is left at the value that stands for "absent".
    package init(sleepSeconds: Double = 0, disableLogTail: Bool = false, exit: Int? = nil) {
        self.sleepSeconds = sleepSeconds
        self.disableLogTail = disableLogTail
        self.exit = exit
    }
}

extension Debug: JSONCoded {
    private enum Field: String, JSONField {
        case sleepSeconds = "SleepSeconds"
        case disableLogTail = "DisableLogTail"
        case exit = "Exit"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .sleepSeconds: sleepSeconds = try reader.value() ?? 0
            case .disableLogTail: disableLogTail = try reader.value() ?? false
            case .exit: exit = try reader.value()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if sleepSeconds != 0 { writer.field("SleepSeconds", sleepSeconds) }
        writer.field("DisableLogTail", ifTrue: disableLogTail)
        writer.field("Exit", ifPresent: exit)
        writer.endObject()
    }
}
