// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension PolicyGraph {
    /// Grows with every change; while it is the same, so is every answer.
    package var changeCount: UInt64 { stamps.now }

    /// The addresses that the node at `slot` has in force: without IPv4 when that is switched off for it.
    package func addresses(of slot: NodeSlot) -> [IPAddress] {
        node(slot)?.reach.addresses ?? []
    }

    /// Whether the node at `slot` has a subnet or exit route in force, so that viewers may be told differently of it.
    package func isRouter(_ slot: NodeSlot) -> Bool {
        guard let reach = node(slot)?.reach else { return false }
        return reach.isExitNode || !reach.subnets.isEmpty
    }

    /// The routes in force at the node at `slot`, subnets first, with the two default routes if it is an exit node.
    package func routesInForce(of slot: NodeSlot) -> [IPPrefix] {
        guard let reach = node(slot)?.reach else { return [] }
        return reach.subnets + (reach.isExitNode ? Self.exitRoutes : [])
    }
}
