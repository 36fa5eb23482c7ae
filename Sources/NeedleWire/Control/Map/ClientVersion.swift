// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What the client should know of newer clients.
package struct ClientVersion: Hashable, Sendable {
    /// Whether there is nothing newer; absent means there may be.
    package var runningLatest = false
    /// The newest version; absent means unknown.
    package var latestVersion = ""
    /// Whether an update is urgent; absent means no.
    package var urgentSecurityUpdate = false
    /// Whether to tell the person; absent means no.
    package var notify = false
    /// What a click on that opens; absent means nothing.
    package var notifyURL = ""
    /// What to tell; absent means a text of the client.
    package var notifyText = ""

    /// What is not given is left at the value that stands for "absent".
    package init(
        runningLatest: Bool = false,
        latestVersion: String = "",
        urgentSecurityUpdate: Bool = false,
        notify: Bool = false,
        notifyURL: String = "",
        notifyText: String = ""
    ) {
        self.runningLatest = runningLatest
        self.latestVersion = latestVersion
        self.urgentSecurityUpdate = urgentSecurityUpdate
        self.notify = notify
        self.notifyURL = notifyURL
        self.notifyText = notifyText
    }
}

extension ClientVersion: JSONCoded {
    private enum Field: String, JSONField {
        case runningLatest = "RunningLatest"
        case latestVersion = "LatestVersion"
        case urgentSecurityUpdate = "UrgentSecurityUpdate"
        case notify = "Notify"
        case notifyURL = "NotifyURL"
        case notifyText = "NotifyText"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .runningLatest: runningLatest = try reader.value() ?? false
            case .latestVersion: latestVersion = try reader.shortText()
            case .urgentSecurityUpdate: urgentSecurityUpdate = try reader.value() ?? false
            case .notify: notify = try reader.value() ?? false
            case .notifyURL: notifyURL = try reader.value() ?? ""
            case .notifyText: notifyText = try reader.value() ?? ""
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("RunningLatest", ifTrue: runningLatest)
        writer.field("LatestVersion", ifNotEmpty: latestVersion)
        writer.field("UrgentSecurityUpdate", ifTrue: urgentSecurityUpdate)
        writer.field("Notify", ifTrue: notify)
        writer.field("NotifyURL", ifNotEmpty: notifyURL)
        writer.field("NotifyText", ifNotEmpty: notifyText)
        writer.endObject()
    }
}
