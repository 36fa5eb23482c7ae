// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Somebody whom a client sees, and must not.
struct StrayPeer: Equatable {
    /// The member that sees it.
    let client: Int
    /// Which member it is; nil if it is none of the run's.
    let peer: Int?
    /// Its id at the server.
    let id: Int64

    /// The first peer of a client with too many that none of the policies lets it see; without policies, the first that is
    /// none of the run's.
    ///
    /// - Complexity: O(members), and O(peers) of those clients that have too many.
    static func first(in results: [SwarmClientResult], _ policies: some Sequence<PlainVisibility>) -> StrayPeer? {
        let policies = Array(policies)
        let members = MembersByNode(results)
        // Who was let in and has had no map yet may be any node.
        let isEverybodyKnown = results.allSatisfy { $0.registered == nil || $0.tally.own != 0 }
        for result in results
        where result.isReleased && result.firstMap != nil && result.tally.count > result.goal.expectedPeers {
            let allowed = policies.peers(of: result.member)
            for id in result.tally.ids {
                guard let member = members[id] else {
                    if isEverybodyKnown { return StrayPeer(client: result.member, peer: nil, id: id) }
                    continue
                }
                if policies.isEmpty || allowed.contains(NodeSlot(member)) { continue }
                return StrayPeer(client: result.member, peer: member, id: id)
            }
        }
        return nil
    }

    /// A clause for people, with the names of the members.
    func text(_ names: [String]) -> String {
        func name(_ member: Int) -> String {
            names.indices.contains(member) ? "'\(names[member])'" : "client \(member + 1)"
        }
        guard let peer else {
            return "such as \(name(client)), which sees node \(id), which is not of this fleet; is the server new?"
        }
        return "such as \(name(client)), which sees \(name(peer))"
    }
}
