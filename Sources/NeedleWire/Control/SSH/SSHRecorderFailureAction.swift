// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What happens to an SSH session whose recorders fail.
package struct SSHRecorderFailureAction: Hashable, Sendable {
    /// Refuse a session that cannot be recorded, with this text; absent means let it begin.
    package var rejectSessionWithMessage = ""
    /// End a session whose recording breaks off, with this text; absent means let it go on.
    package var terminateSessionWithMessage = ""
    /// Where to POST an ``SSHEventNotifyRequest`` over Noise; absent means nowhere.
    package var notifyURL = ""

    /// What is not given is left at the value that stands for "absent".
    package init(
        rejectSessionWithMessage: String = "",
        terminateSessionWithMessage: String = "",
        notifyURL: String = ""
    ) {
        self.rejectSessionWithMessage = rejectSessionWithMessage
        self.terminateSessionWithMessage = terminateSessionWithMessage
        self.notifyURL = notifyURL
    }
}

extension SSHRecorderFailureAction: JSONCoded {
    private enum Field: String, JSONField {
        case rejectSessionWithMessage = "RejectSessionWithMessage"
        case terminateSessionWithMessage = "TerminateSessionWithMessage"
        case notifyURL = "NotifyURL"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .rejectSessionWithMessage: rejectSessionWithMessage = try reader.shortText()
            case .terminateSessionWithMessage: terminateSessionWithMessage = try reader.shortText()
            case .notifyURL: notifyURL = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("RejectSessionWithMessage", ifNotEmpty: rejectSessionWithMessage)
        writer.field("TerminateSessionWithMessage", ifNotEmpty: terminateSessionWithMessage)
        writer.field("NotifyURL", ifNotEmpty: notifyURL)
        writer.endObject()
    }
}
