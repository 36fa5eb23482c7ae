// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a node does with an SSH session.
///
/// Also the answer to a held session: see ``holdAndDelegate``.
package struct SSHAction: Hashable, Sendable {
    /// Shown to the person at the start of the session; absent means nothing is.
    package var message = ""
    /// Whether to refuse; absent means no.
    package var reject = false
    /// Whether to accept; absent means no.
    package var accept = false
    /// How long the session may last; absent means without end.
    package var sessionDuration = Duration.zero
    /// Whether the SSH agent may be forwarded; absent means no.
    package var allowAgentForwarding = false
    /// A URL, with variables such as `$SRC_NODE_ID`, that the node asks over Noise for the next action; absent means
    /// the decision is here.
    package var holdAndDelegate = ""
    /// Whether `ssh -L` works; absent means no.
    package var allowLocalPortForwarding = false
    /// Whether `ssh -R` works; absent means no.
    package var allowRemotePortForwarding = false
    /// Where the session is recorded, tried in order; absent means it is not.
    package var recorders: [Endpoint] = []
    /// What happens when recording fails; absent means the session goes on.
    package var onRecordingFailure: SSHRecorderFailureAction?

    /// What is not given is left at the value that stands for "absent".
    package init(
        message: String = "",
        reject: Bool = false,
        accept: Bool = false,
        sessionDuration: Duration = .zero,
        allowAgentForwarding: Bool = false,
        holdAndDelegate: String = "",
        allowLocalPortForwarding: Bool = false,
        allowRemotePortForwarding: Bool = false,
        recorders: [Endpoint] = [],
        onRecordingFailure: SSHRecorderFailureAction? = nil
    ) {
        self.message = message
        self.reject = reject
        self.accept = accept
        self.sessionDuration = sessionDuration
        self.allowAgentForwarding = allowAgentForwarding
        self.holdAndDelegate = holdAndDelegate
        self.allowLocalPortForwarding = allowLocalPortForwarding
        self.allowRemotePortForwarding = allowRemotePortForwarding
        self.recorders = recorders
        self.onRecordingFailure = onRecordingFailure
    }
}

extension SSHAction: JSONCoded {
    private enum Field: String, JSONField {
        case message
        case reject
        case accept
        case sessionDuration
        case allowAgentForwarding
        case holdAndDelegate
        case allowLocalPortForwarding
        case allowRemotePortForwarding
        case recorders
        case onRecordingFailure

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .message: message = try reader.value() ?? ""
            case .reject: reject = try reader.value() ?? false
            case .accept: accept = try reader.value() ?? false
            case .sessionDuration: sessionDuration = .nanoseconds(try reader.value(Int64.self) ?? 0)
            case .allowAgentForwarding: allowAgentForwarding = try reader.value() ?? false
            case .holdAndDelegate: holdAndDelegate = try reader.value() ?? ""
            case .allowLocalPortForwarding: allowLocalPortForwarding = try reader.value() ?? false
            case .allowRemotePortForwarding: allowRemotePortForwarding = try reader.value() ?? false
            case .recorders: recorders = try reader.list(max: WireLimits.serverListMax) ?? []
            case .onRecordingFailure: onRecordingFailure = try reader.value()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("message", ifNotEmpty: message)
        writer.field("reject", ifTrue: reject)
        writer.field("accept", ifTrue: accept)
        writer.field("sessionDuration", ifNotZero: Self.nanoseconds(sessionDuration))
        writer.field("allowAgentForwarding", ifTrue: allowAgentForwarding)
        writer.field("holdAndDelegate", ifNotEmpty: holdAndDelegate)
        writer.field("allowLocalPortForwarding", ifTrue: allowLocalPortForwarding)
        writer.field("allowRemotePortForwarding", ifTrue: allowRemotePortForwarding)
        writer.field("recorders", ifNotEmpty: recorders)
        writer.field("onRecordingFailure", ifPresent: onRecordingFailure)
        writer.endObject()
    }

    /// Go writes durations as whole nanoseconds; 292 years are its most.
    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }
}
