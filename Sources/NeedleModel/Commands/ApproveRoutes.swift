// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Replaces the routes that a node may serve; none takes all approvals back.
///
/// A route may be approved before it is advertised. What the policy approves by itself stays in force.
package struct ApproveRoutes: Command {
    let node: NodeID
    let routes: [IPPrefix]

    package init(node: NodeID, routes: [IPPrefix]) {
        self.node = node
        self.routes = routes
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> NodeVersion {
        let node = try transaction.existingNode(node)
        let routes = ApprovedRoutes.normalized(routes)
        guard routes.count <= ApprovedRoutes.countMax else {
            throw ModelError(.invalid, "a node is approved for at most \(ApprovedRoutes.countMax) routes; combine them")
        }
        guard routes != node.record.approvedRoutes else { return node }
        var record = node.record
        record.approvedRoutes = routes
        transaction.replaceNode(node, with: record, changes: [], .durable)
        return try transaction.existingNode(record.id)
    }
}
