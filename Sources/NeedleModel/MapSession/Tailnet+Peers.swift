// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

extension Tailnet {
    /// Appends the fields that tell of changed peers, profiles first, as a client must know a user before a node.
    func writePeers(
        _ changes: MapDifference.Changes,
        profilesOf owners: NodeSet,
        for viewer: NodeVersion,
        to writer: inout JSONWriter
    ) {
        if !owners.isEmpty {
            writer.field("UserProfiles")
            let users = users(of: owners)
            writer.array(users.all.map(profile(of:)))
        }
        if !changes.removed.isEmpty {
            writer.field("PeersRemoved")
            writer.array(changes.removed.sorted().map(\.value))
        }
        if !changes.whole.isEmpty {
            writer.field("PeersChanged")
            writer.beginArray()
            for node in changes.whole.compactMap({ nodes[$0] }).sorted(by: { $0.record.id < $1.record.id }) {
                writer.element()
                writer.raw(peerJSON(of: node, for: viewer))
            }
            writer.endArray()
        }
        if !changes.patched.isEmpty {
            writer.field("PeersChangedPatch")
            writer.array(
                changes.patched.compactMap { patch in
                    nodes[patch.slot].map { $0.record.peerChange(patch.change, isOnline: $0.isOnline) }
                }
            )
        }
    }

    /// The users who own `slots`.
    func users(of slots: NodeSet) -> UserSet {
        var users = UserSet()
        for page in 0..<slots.blockCount {
            nodes.forEachOwner(page: page, in: slots.bits(ofBlock: page)) { users.insert($0) }
        }
        return users
    }

    func profile(of id: UserID) -> UserProfile {
        guard let user = user(id) else {
            return UserProfile(
                id: id,
                loginName: UserRecord.taggedDevicesName,
                displayName: "Tagged Devices",
                profilePicURL: ""
            )
        }
        return UserProfile(
            id: id,
            loginName: user.loginName,
            displayName: user.shownName,
            profilePicURL: user.profilePicURL
        )
    }

    /// How `viewer` is told of `peer`: as everybody, unless it is a router.
    func peerJSON(of peer: NodeVersion, for viewer: NodeVersion) -> [UInt8] {
        guard peer.isRouter else { return peer.peerJSON }
        let access = access(of: viewer, to: peer)
        var node = peer.record.wireNode(
            status: peer.status,
            domain: settings.baseDomain,
            addresses: peer.addresses,
            asPeer: true
        )
        node.allowedIPs = access.allowedIPs
        node.primaryRoutes = access.primaryRoutes
        node.capMap = access.capMap
        return node.json
    }

    /// The JSON of the nodes of one page whose bits are set, with a comma before each but the first of all.
    func peerElements(page: Int, visible: UInt64, isFirst: Bool, for viewer: NodeVersion) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(visible.nonzeroBitCount * 800)
        nodes.forEach(page: page, in: visible) { node in
            if !isFirst || !json.isEmpty { json.append(UInt8(ascii: ",")) }
            json.append(contentsOf: peerJSON(of: node, for: viewer))
        }
        return json
    }
}
