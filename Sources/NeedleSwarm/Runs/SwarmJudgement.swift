// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Whether the clients of a run saw what they must see.
struct SwarmJudgement {
    /// Whether every client has exactly its peers.
    let isExact: Bool
    /// A word or a sentence for the report.
    let outcome: String

    /// Judges by number; in a mesh also by name, since there every client's peers are known: all the others.
    init(_ results: [SwarmClientResult], isMesh: Bool) {
        let lacking = results.filter { $0.tally.count < $0.expectedPeers || $0.firstMap == nil }.count
        let excess = results.filter { $0.tally.count > $0.expectedPeers }.count
        let lost = results.filter { $0.exact == nil }.count - lacking - excess
        var faults: [String] = []
        if lacking > 0 { faults.append("\(lacking) clients lack peers") }
        if excess > 0 { faults.append("\(excess) clients have too many peers") }
        if lost > 0 { faults.append("\(lost) clients lost their stream") }
        if faults.isEmpty, isMesh {
            let wrong = Self.clientsWithWrongPeers(results)
            if wrong > 0 { faults.append("\(wrong) clients have the right number of peers, but wrong ones") }
        }
        let strays = results.filter { $0.tally.strays > 0 }.count
        if strays > 0 { faults.append("\(strays) clients were told about nodes that they do not have") }
        isExact = faults.isEmpty
        outcome = faults.isEmpty ? SwarmReport.exactOutcome : faults.joined(separator: ", ")
    }

    private static func clientsWithWrongPeers(_ results: [SwarmClientResult]) -> Int {
        let everybody = Set(results.map(\.tally.own))
        guard everybody.count == results.count else { return results.count }
        return results.filter { result in
            result.tally.contains(result.tally.own) || !result.tally.ids.allSatisfy(everybody.contains)
        }.count
    }
}
