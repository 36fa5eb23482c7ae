// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
internal import NeedleWire

/// One node at one moment, as snapshots share it; never changed, only replaced.
package final class NodeVersion: Sendable {
    /// Its dense index while the server runs.
    package let slot: NodeSlot
    /// What is kept of it.
    package let record: NodeRecord
    /// Whether a map stream is open, or was until a moment ago.
    package let isOnline: Bool
    /// Whether its key has expired.
    package let isExpired: Bool
    /// Counts its map streams; the newest supersedes all others; 0 until the first.
    package let streamGeneration: UInt64
    /// Whether the newest stream is still open.
    package let isStreaming: Bool
    /// When each kind of change last happened.
    package let revisions: NodeRevisions
    /// How peers are told of it: one JSON object, encoded once for all of them.
    package let peerJSON: [UInt8]

    init(
        slot: NodeSlot,
        record: NodeRecord,
        status: Status,
        revisions: NodeRevisions,
        settings: TailnetSettings
    ) {
        self.slot = slot
        self.record = record
        isOnline = status.isOnline
        isExpired = status.isExpired
        streamGeneration = status.streamGeneration
        isStreaming = status.isStreaming
        self.revisions = revisions
        peerJSON = record.wireNode(status: status, domain: settings.baseDomain, asPeer: true).json
    }

    /// What is known of a node only while the server runs.
    struct Status {
        var isOnline = false
        var isExpired = false
        var streamGeneration: UInt64 = 0
        var isStreaming = false
    }

    var status: Status {
        Status(
            isOnline: isOnline,
            isExpired: isExpired,
            streamGeneration: streamGeneration,
            isStreaming: isStreaming
        )
    }

    /// The fully qualified name without the trailing dot.
    package func fullName(in settings: TailnetSettings) -> String {
        settings.baseDomain.isEmpty ? record.givenName : "\(record.givenName).\(settings.baseDomain)"
    }
}
