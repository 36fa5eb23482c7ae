// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
package import NeedleTypes
internal import NeedleWire

/// What one client has to be told: from nothing, or from an earlier revision, up to one snapshot.
///
/// It names things; ``pieces`` turns it into JSON.
package struct MapDifference: Sendable {
    /// The snapshot that the client will know.
    package let snapshot: TailnetSnapshot
    /// The node whose client is told.
    package let viewer: NodeVersion
    /// Whom it may see.
    let view: AccessView
    let kind: Kind

    enum Kind: Sendable {
        /// Everything.
        case full(peers: NodeSet, chunks: [PolicyChunk], ssh: SSHPolicy?)
        /// What changed.
        case delta(Changes)
        /// That the viewer's key is no longer good.
        case farewell
    }

    init(snapshot: TailnetSnapshot, viewer: NodeVersion, view: AccessView, kind: Kind) {
        self.snapshot = snapshot
        self.viewer = viewer
        self.view = view
        self.kind = kind
    }

    var tailnet: Tailnet { _read { yield snapshot.tailnet } }

    /// Everything that `node` may know in `snapshot`, or nil if it is not there.
    package init?(everythingFor node: NodeID, in snapshot: TailnetSnapshot) {
        guard let viewer = snapshot.tailnet.node(node) else { return nil }
        var findings = SharedFindings.forgetful
        self.init(everythingFor: viewer, ViewerPolicy(for: viewer, in: snapshot.tailnet, &findings), in: snapshot)
    }

    init(everythingFor viewer: NodeVersion, _ policy: ViewerPolicy, in snapshot: TailnetSnapshot) {
        var peers = policy.view.peers
        peers.remove(viewer.slot)
        self.init(
            snapshot: snapshot,
            viewer: viewer,
            view: policy.view,
            kind: .full(peers: peers, chunks: policy.chunks, ssh: policy.ssh)
        )
    }

    /// Whether everything is told anew, which costs much more than a change.
    package var isFull: Bool {
        if case .full = kind { true } else { false }
    }

    /// What changed since an earlier revision.
    struct Changes: Sendable {
        let tellsSelf: Bool
        let tellsDERPMap: Bool
        let tellsDNS: Bool
        let filter: FilterChange?
        let ssh: SSHChange?
        /// Peers to be sent as a whole, by rising slot.
        var whole: [NodeSlot] = []
        /// How the routers among them are told of, by rising slot.
        var routers: [RouterView] = []
        /// Peers for which a patch is enough.
        var patched: [Patch] = []
        /// Peers that are no longer there, or no longer to be seen.
        var removed: [NodeID] = []

        init(
            tellsSelf: Bool,
            tellsDERPMap: Bool,
            tellsDNS: Bool,
            filter: FilterChange?,
            ssh: SSHChange?
        ) {
            self.tellsSelf = tellsSelf
            self.tellsDERPMap = tellsDERPMap
            self.tellsDNS = tellsDNS
            self.filter = filter
            self.ssh = ssh
        }

        /// ``whole`` as a set; by hand, since the initializer of another module is not specialized for arrays.
        var wholeSet: NodeSet { whole.reduce(into: NodeSet()) { $0.insert($1) } }

        var isEmpty: Bool { !tellsMoreThanPeers && !tellsPeers }

        var tellsPeers: Bool { !whole.isEmpty || !patched.isEmpty || !removed.isEmpty }

        var tellsMoreThanPeers: Bool { tellsSelf || tellsDERPMap || tellsDNS || filter != nil || ssh != nil }
    }

    /// A peer and what of it fits a patch.
    struct Patch: Hashable, Sendable {
        let slot: NodeSlot
        let change: NodeChange
    }

    /// Chunks of the packet filter that are new or other than before, and the names of those that are gone.
    struct FilterChange: Sendable {
        let changed: [PolicyChunk]
        let removed: [String]
    }

    /// Another SSH policy; without rules when there is none any more.
    struct SSHChange: Sendable {
        let policy: SSHPolicy
    }
}
