// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes

extension Transaction {
    /// An address of each configured family that no node has, from the pools that the policy gives such nodes.
    mutating func allocateAddresses(
        for identity: NodeIdentity
    ) throws(ModelError) -> (v4: IPAddress?, v6: IPAddress?) {
        let facts = NodeFacts(
            slot: NodeSlot(0),
            id: NodeID(0),
            user: identity.user.flatMap { tailnet.user($0) }.map { UserFacts($0) },
            tags: identity.tags
        )
        let pools = tailnet.policy.addressPools(for: facts)
        let v4 = try tailnet.poolV4?.allocate(from: pools, using: &random)
        let v6 = try tailnet.poolV6?.allocate(from: pools, using: &random)
        return (v4, v6)
    }
}
