// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

/// What a client has been told, apart from its peers' own changes.
///
/// Lists of many clients share storage with the snapshot or are short: this is most of what a suspended stream costs.
struct ClientKnowledge: Sendable {
    /// A part of the packet filter that the client has.
    struct Chunk: Sendable {
        let key: UInt64
        let version: UInt64
    }

    /// Up to where the client knows the nodes.
    private(set) var revision: Revision
    /// The node as it was told of itself.
    private(set) var node: NodeVersion
    /// Whom it may see, and does.
    private(set) var view: AccessView
    /// What it was told of the routers among them.
    var routers: [NodeSlot: Int] = [:]
    private(set) var chunks: [Chunk] = []
    /// Of its own routes and capabilities.
    private(set) var ownVersion = 0
    /// Of its SSH policy; nil when there is none.
    private(set) var sshVersion: Int?

    /// Of how names are resolved; nil when everybody is told the same.
    private(set) var dnsVersion: Int?

    private var changeCount: UInt64
    private var ownStamp: UInt64
    private var peersStamp: UInt64
    private var filterStamp: UInt64
    private var sshStamp: UInt64

    /// What a client knows that was told everything in `tailnet`, where `told` is what the policy says to it.
    init(everythingFor node: NodeVersion, told: ViewerPolicy, in tailnet: Tailnet) {
        revision = tailnet.revision
        self.node = node
        view = told.view
        let policy = tailnet.policy
        changeCount = policy.changeCount
        ownStamp = policy.ownStamp(of: node.slot)
        peersStamp = policy.peersStamp(of: node.slot)
        filterStamp = policy.filterStamp(of: node.slot)
        sshStamp = policy.hasSSHRules ? policy.sshStamp(of: node.slot) : 0
        chunks = told.chunks.map { Chunk(key: $0.key, version: $0.version) }
        ownVersion = Self.ownVersion(of: node, in: tailnet)
        sshVersion = Self.version(of: told.ssh)
        dnsVersion = Self.dnsVersion(of: node, in: tailnet)
        for slot in tailnet.nodes.routers(in: view.peers) where slot != node.slot {
            routers[slot] = tailnet.nodes[slot].map { RouterView(of: $0, for: node, in: tailnet).version }
        }
    }

    /// Takes note that nothing up to `revision` concerned the client.
    mutating func skip(to revision: Revision) {
        self.revision = max(self.revision, revision)
    }

    /// What of the policy's answers has become other than what the client was told.
    struct PolicyDifference {
        var filter: MapDifference.FilterChange?
        var ssh: MapDifference.SSHChange?
        var tellsSelf = false
        var tellsDNS = false
    }

    /// Brings this up to `tailnet`, but for ``routers``.
    ///
    /// - Complexity: O(1) when neither the policy nor any node's place in it has changed; else O(selectors of the node)
    ///   when nothing that concerns it has.
    mutating func advance(
        to tailnet: Tailnet,
        as current: NodeVersion,
        _ findings: inout SharedFindings
    ) -> PolicyDifference {
        let isSamePolicy = view.policyChanged == tailnet.policyChanged
        let isSameState = node.isExpired == current.isExpired
        let ownChanged = node !== current
        defer {
            revision = tailnet.revision
            node = current
            changeCount = tailnet.policy.changeCount
        }
        var difference = PolicyDifference()
        if dnsVersion != nil, ownChanged || !isSamePolicy || changeCount != tailnet.policy.changeCount {
            let version = Self.dnsVersion(of: current, in: tailnet)
            difference.tellsDNS = version != dnsVersion
            dnsVersion = version
        }
        if isSamePolicy, isSameState, changeCount == tailnet.policy.changeCount { return difference }

        let peersStamp = tailnet.policy.peersStamp(of: current.slot)
        let isSameView = isSamePolicy && isSameState && self.peersStamp == peersStamp
        if !isSameView { view = tailnet.view(of: current) }
        self.peersStamp = peersStamp
        let ownStamp = tailnet.policy.ownStamp(of: current.slot)
        if !isSamePolicy || !isSameState || ownChanged || self.ownStamp != ownStamp {
            let version = Self.ownVersion(of: current, in: tailnet)
            difference.tellsSelf = version != ownVersion
            ownVersion = version
            self.ownStamp = ownStamp
        }
        let filterStamp = tailnet.policy.filterStamp(of: current.slot)
        if !isSamePolicy || !isSameState || self.filterStamp != filterStamp {
            difference.filter = advanceFilter(to: tailnet, as: current, &findings.dividedLists)
        }
        self.filterStamp = filterStamp
        if tailnet.policy.hasSSHRules || sshVersion != nil {
            let stamp = tailnet.policy.hasSSHRules ? tailnet.policy.sshStamp(of: current.slot) : 0
            if !isSamePolicy || !isSameState || sshStamp != stamp {
                difference.ssh = advanceSSH(to: tailnet, as: current)
            }
            sshStamp = stamp
        }
        return difference
    }

    private mutating func advanceFilter(
        to tailnet: Tailnet,
        as node: NodeVersion,
        _ lists: inout DividedLists
    ) -> MapDifference.FilterChange? {
        let current = tailnet.filterChunks(for: node, &lists)
        // A list has the same order whenever it is asked for, so only what lies between its changes is looked up.
        let shorter = min(chunks.count, current.count)
        var front = 0
        while front < shorter, chunks[front].key == current[front].key { front += 1 }
        var back = 0
        while back < shorter - front, chunks[chunks.count - 1 - back].key == current[current.count - 1 - back].key {
            back += 1
        }
        let before = chunks[front..<chunks.count - back]
        let after = current[front..<current.count - back]
        let known = Dictionary(before.map { ($0.key, $0.version) }, uniquingKeysWith: { $1 })
        let keys = Set(after.map(\.key))
        let removed = before.filter { !keys.contains($0.key) }.map { PolicyChunk.name(ofKey: $0.key) }
        var changed: [PolicyChunk] = []
        for (old, new) in zip(chunks.prefix(front), current.prefix(front)) where old.version != new.version {
            changed.append(new)
        }
        for new in after where known[new.key] != new.version { changed.append(new) }
        for (old, new) in zip(chunks.suffix(back), current.suffix(back)) where old.version != new.version {
            changed.append(new)
        }
        if changed.isEmpty, removed.isEmpty { return nil }
        chunks = current.map { Chunk(key: $0.key, version: $0.version) }
        return MapDifference.FilterChange(changed: changed, removed: removed)
    }

    private mutating func advanceSSH(to tailnet: Tailnet, as node: NodeVersion) -> MapDifference.SSHChange? {
        let ssh = tailnet.sshPolicy(for: node)
        let version = Self.version(of: ssh)
        guard version != sshVersion else { return nil }
        sshVersion = version
        return MapDifference.SSHChange(policy: ssh ?? SSHPolicy(rules: []))
    }

    // MARK: - Versions, which mean nothing in another process

    private static func version(of ssh: SSHPolicy?) -> Int? {
        guard let ssh else { return nil }
        var hasher = Hasher()
        hasher.combine(ssh)
        return hasher.finalize()
    }

    private static func dnsVersion(of node: NodeVersion, in tailnet: Tailnet) -> Int? {
        guard let dns = tailnet.ownDNS(of: node) else { return nil }
        var hasher = Hasher()
        hasher.combine(dns)
        return hasher.finalize()
    }

    private static func ownVersion(of node: NodeVersion, in tailnet: Tailnet) -> Int {
        var hasher = Hasher()
        hasher.combine(tailnet.policy.ownAccess(of: node.slot))
        hasher.combine(tailnet.policy.capabilities(of: node.slot))
        return hasher.finalize()
    }
}
