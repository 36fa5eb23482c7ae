// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One recorder that a node tried.
package struct SSHRecordingAttempt: Hashable, Sendable {
    /// Its address and port.
    package var recorder = ""
    /// Why it did not work; empty if it did.
    package var failureMessage = ""

    /// What is not given is left at the value that stands for "absent".
    package init(recorder: String = "", failureMessage: String = "") {
        self.recorder = recorder
        self.failureMessage = failureMessage
    }
}

extension SSHRecordingAttempt: JSONCoded {
    private enum Field: String, JSONField {
        case recorder = "Recorder"
        case failureMessage = "FailureMessage"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .recorder: recorder = try reader.shortText()
            case .failureMessage: failureMessage = try reader.value() ?? ""
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Recorder", recorder)
        writer.field("FailureMessage", failureMessage)
        writer.endObject()
    }
}
