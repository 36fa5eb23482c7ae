// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A node tells that an SSH session could not be recorded; the answer must be 201.
package struct SSHEventNotifyRequest: Hashable, Sendable {
    /// 1 refused, 2 ended, 3 went on unrecorded; absent means 0, unspecified.
    package var eventType = 0
    /// Names the session.
    package var connectionID = ""
    /// What the client understands; absent means 0.
    package var capVersion = CapabilityVersion(0)
    /// The node that asks.
    package var nodeKey = NodeKey.zero
    /// Where the session came from; absent means 0, unknown.
    package var srcNode = NodeID(0)
    /// The user that was asked for.
    package var sshUser = ""
    /// The user that it would be.
    package var localUser = ""
    /// The recorders tried, in order.
    package var recordingAttempts: [SSHRecordingAttempt] = []

    /// Every field at the value that stands for "absent".
    package init() {}
}

extension SSHEventNotifyRequest: JSONCoded {
    private enum Field: String, JSONField {
        case eventType = "EventType"
        case connectionID = "ConnectionID"
        case capVersion = "CapVersion"
        case nodeKey = "NodeKey"
        case srcNode = "SrcNode"
        case sshUser = "SSHUser"
        case localUser = "LocalUser"
        case recordingAttempts = "RecordingAttempts"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .eventType: eventType = try reader.value() ?? 0
            case .connectionID: connectionID = try reader.shortText()
            case .capVersion: capVersion = try reader.value() ?? CapabilityVersion(0)
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            case .srcNode: srcNode = try reader.value() ?? NodeID(0)
            case .sshUser: sshUser = try reader.shortText()
            case .localUser: localUser = try reader.shortText()
            case .recordingAttempts: recordingAttempts = try reader.list(max: WireLimits.recordingAttemptsMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("EventType", eventType)
        writer.field("ConnectionID", connectionID)
        writer.field("CapVersion", capVersion)
        writer.field("NodeKey", nodeKey)
        writer.field("SrcNode", srcNode)
        writer.field("SSHUser", sshUser)
        writer.field("LocalUser", localUser)
        writer.field("RecordingAttempts", recordingAttempts)
        writer.endObject()
    }
}
