// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

extension PolicyGraph {
    /// The capabilities that the node at `slot` is given with its own entry.
    package func capabilities(of slot: NodeSlot) -> CapMap {
        guard let node = node(slot) else { return [:] }
        var result = nodeClass(node).attributes
        result["default-auto-update"] = [RawJSON(tailnet.updatesDevices ? "true" : "false")]
        result["https://tailscale.com/cap/ssh", default: []] += []
        if tailnet.sharesFiles { result["https://tailscale.com/cap/file-sharing", default: []] += [] }
        if !node.facts.isTagged, let role = node.facts.user?.role {
            if role == .owner || role == .admin { result["https://tailscale.com/cap/is-admin"] = [] }
            if role == .owner { result["https://tailscale.com/cap/is-owner"] = [] }
        }
        return result
    }

    /// The ranges that the addresses of a node with `facts` are to be taken from; empty if any will do.
    package func addressPools(for facts: NodeFacts) -> [IPPrefix] {
        let identities = compiled.table.identities(of: facts)
        for entry in compiled.nodeAttributes
        where !entry.ipPool.isEmpty && entry.targets.contains(where: identities.contains) {
            return entry.ipPool
        }
        return []
    }
}
