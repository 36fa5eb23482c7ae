// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
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
    /// The user that the wire knows it by.
    let owner: UserID
    /// Its addresses in force: without IPv4 when the policy switches that off for it.
    package let addresses: [IPAddress]
    /// Whether it serves routes, so that ``peerJSON`` is not what its viewers are told.
    package let isRouter: Bool
    /// When each kind of change last happened.
    package let revisions: NodeRevisions
    /// How peers are told of it: one JSON object, encoded once for all of them, without routes.
    package let peerJSON: [UInt8]

    init(
        slot: NodeSlot,
        record: NodeRecord,
        status: Status,
        revisions: NodeRevisions,
        policy: PolicyGraph,
        settings: TailnetSettings
    ) {
        self.slot = slot
        self.record = record
        isOnline = status.isOnline
        isExpired = status.isExpired
        streamGeneration = status.streamGeneration
        isStreaming = status.isStreaming
        self.revisions = revisions
        owner = record.wireUser
        addresses = policy.addresses(of: slot)
        isRouter = policy.isRouter(slot)
        peerJSON = record.wireNode(status: status, domain: settings.baseDomain, addresses: addresses, asPeer: true).json
    }

    private init(_ other: NodeVersion, revisions: NodeRevisions) {
        slot = other.slot
        record = other.record
        isOnline = other.isOnline
        isExpired = other.isExpired
        streamGeneration = other.streamGeneration
        isStreaming = other.isStreaming
        owner = other.owner
        addresses = other.addresses
        isRouter = other.isRouter
        self.revisions = revisions
        peerJSON = other.peerJSON
    }

    /// The same, with `changes` recorded.
    func changed(_ changes: NodeChange, at revision: Revision) -> NodeVersion {
        var revisions = revisions
        revisions.record(changes, at: revision)
        return NodeVersion(self, revisions: revisions)
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

    /// Whether the policy has to hear of `record` with `status` in the place of `old`.
    static func isNewToPolicy(_ record: NodeRecord, _ status: Status, after old: NodeVersion) -> Bool {
        let (before, after) = (old.record.soft.hostinfo, record.soft.hostinfo)
        if old.record.tags != record.tags || old.record.user != record.user { return true }
        if old.record.approvedRoutes != record.approvedRoutes || before.routableIPs != after.routableIPs { return true }
        if !after.routableIPs.isEmpty, status.isOnline != old.isOnline || status.isExpired != old.isExpired {
            return true
        }
        return !before.hasSamePosture(as: after)
    }
}
