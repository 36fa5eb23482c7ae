// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension PolicyGraph {
    /// Whether the policy says anything about SSH.
    package var hasSSHRules: Bool { !compiled.ssh.isEmpty }

    /// Grows when the SSH policy of the node at `slot` may have changed.
    ///
    /// - Complexity: O(entries of `ssh` × their selectors).
    package func sshStamp(of slot: NodeSlot) -> UInt64 {
        guard let node = node(slot) else { return stamps.now }
        var result = stamps.node(slot)
        let selectors = nodeClass(node).selectors
        for entry in compiled.ssh where concerns(entry, selectors) {
            for id in entry.sources { result = max(result, selectorStates[Int(id)].changed) }
            for id in entry.recorders { result = max(result, selectorStates[Int(id)].changed) }
        }
        if let user = node.facts.user, !node.facts.isTagged { result = max(result, stamps.owner(user.id)) }
        return result
    }

    /// Whether a node in `selectors`, which rise, may get rules from `entry`.
    private func concerns(_ entry: CompiledPolicy.SSHEntry, _ selectors: [SelectorID]) -> Bool {
        if entry.reachesSelf || entry.users.contains(where: { SSHLocalpart.domain(of: $0) != nil }) { return true }
        return entry.destinations.contains { id in
            let index = selectors.partitioningIndex { $0 >= id }
            return index < selectors.count && selectors[index] == id
        }
    }
}
