// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Which member of a run each node is, by the id that the server gave it.
///
/// Ids are looked up for every peer of every client, and are small on every server known.
struct MembersByNode {
    /// By id; -1 for nobody.
    private var dense: [Int32] = []
    private var large: [Int64: Int] = [:]

    init(_ results: [SwarmClientResult]) {
        for result in results where result.tally.own != 0 {
            let id = result.tally.own
            guard (0..<PeerTally.denseMax).contains(id) else {
                large[id] = result.member
                continue
            }
            if Int(id) >= dense.count { dense += Array(repeating: -1, count: Int(id) + 1 - dense.count) }
            dense[Int(id)] = Int32(result.member)
        }
    }

    /// The member; nil for a node that is none of the run's.
    subscript(id: Int64) -> Int? {
        guard (0..<PeerTally.denseMax).contains(id) else { return large[id] }
        guard id < dense.count, dense[Int(id)] >= 0 else { return nil }
        return Int(dense[Int(id)])
    }

    /// Whether the node is a member of the run, and among `members`.
    func isAmong(_ members: NodeSet, _ id: Int64) -> Bool {
        self[id].map { members.contains(NodeSlot($0)) } ?? false
    }
}
