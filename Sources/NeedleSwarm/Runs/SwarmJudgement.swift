// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Whether the clients of a run saw what they must see, and nothing else.
struct SwarmJudgement {
    /// Whether every client has exactly its peers, and was never told of anybody whom it must not see.
    var isExact: Bool { faults.isEmpty }
    /// Clauses for the report.
    private(set) var faults: [String] = []
    /// How many times a client was told of a node that no policy of the run lets it see.
    private(set) var leaks = 0

    /// A word or a sentence for the report.
    var outcome: String { faults.isEmpty ? SwarmReport.exactOutcome : faults.joined(separator: ", ") }

    /// Judges by number; with policies also by name, and in a mesh, where every client's peers are known.
    ///
    /// - Parameters:
    ///   - all: what each client has seen.
    ///   - isMesh: whether all must see all.
    ///   - policies: who may see whom under the policies that were in force in the run; the last is in force now.
    ///   - names: what the members are called.
    init(_ all: [SwarmClientResult], isMesh: Bool, policies: [PlainVisibility] = [], names: [String] = []) {
        let results = all.filter(\.isReleased)
        let lacking = results.filter { $0.tally.count < $0.goal.expectedPeers || $0.firstMap == nil }.count
        let excess = results.filter { $0.tally.count > $0.goal.expectedPeers && $0.firstMap != nil }.count
        let unfinished = results.filter { $0.exact == nil }.count - lacking - excess
        let refused = results.filter(\.hasGivenUp).count
        if lacking > 0 {
            let because = refused > 0 ? ", of whom \(refused) did not get in and gave up" : ""
            faults.append("\(lacking) clients lack peers\(because)")
        }
        // Of a run without policies it is known who is of its fleet.
        let example = StrayPeer.first(in: all, policies.suffix(1))
        if excess > 0 { faults.append("\(excess) clients have too many peers" + Self.text(example, names)) }
        if unfinished > 0 { faults.append("\(unfinished) clients lack a packet filter, or lost their stream") }
        if faults.isEmpty, isMesh, policies.isEmpty {
            let wrong = Self.clientsWithWrongPeers(results)
            if wrong > 0 { faults.append("\(wrong) clients have the right number of peers, but wrong ones") }
        }
        judgeNames(results, policies, names, isTold: excess > 0 && example != nil)
        let strays = results.filter { $0.tally.strays > 0 }.count
        if strays > 0 { faults.append("\(strays) clients were told about nodes that they do not have") }
    }

    private static func clientsWithWrongPeers(_ results: [SwarmClientResult]) -> Int {
        let everybody = Set(results.map(\.tally.own))
        guard everybody.count == results.count else { return results.count }
        return results.filter { result in
            result.tally.contains(result.tally.own) || !result.tally.ids.allSatisfy(everybody.contains)
        }.count
    }

    private static func text(_ example: StrayPeer?, _ names: [String]) -> String {
        example.map { " (\($0.text(names)))" } ?? ""
    }

    /// `isTold` says that an example was given.
    private mutating func judgeNames(
        _ results: [SwarmClientResult],
        _ policies: [PlainVisibility],
        _ names: [String],
        isTold: Bool
    ) {
        guard let current = policies.last else { return }
        let members = MembersByNode(results)
        var wrong = 0
        var leaking = 0
        var example: StrayPeer?
        for result in results {
            let peers = current.peers(of: result.member)
            if result.tally.ids.contains(where: { !members.isAmong(peers, $0) }) { wrong += 1 }
            let allowed = policies.peers(of: result.member)
            let leaked = result.tally.told.filter { !members.isAmong(allowed, $0) }
            leaks += leaked.count
            guard let id = leaked.first else { continue }
            leaking += 1
            example = example ?? StrayPeer(client: result.member, peer: members[id], id: id)
        }
        if wrong > 0, faults.isEmpty {
            faults.append("\(wrong) clients have the right number of peers, but wrong ones")
        }
        guard leaking > 0 else { return }
        faults.append(
            "\(leaking) clients were told of nodes that the policy does not let them see"
                + (isTold ? "" : Self.text(example, names))
        )
    }
}
