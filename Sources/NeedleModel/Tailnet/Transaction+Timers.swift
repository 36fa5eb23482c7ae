// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

extension Transaction {
    /// Does what `timer` was set for, if it still applies.
    mutating func fire(_ timer: TailnetTimer) {
        fired.append(timer)
        guard let node = tailnet.node(timer.node) else { return }
        switch timer.kind {
        case .keyExpiry: expireIfDue(node)
        case .offline: goOfflineIfDue(node)
        case .ephemeral: deleteEphemeralIfDue(node)
        }
    }

    private mutating func expireIfDue(_ node: NodeVersion) {
        guard node.record.isExpired(at: now), !node.isExpired else { return }
        var status = node.status
        status.isExpired = true
        replaceNode(node, with: node.record, status: status, changes: .whole, .none)
    }

    private mutating func goOfflineIfDue(_ node: NodeVersion) {
        guard node.isOnline, !node.isStreaming, let lastSeen = node.record.soft.lastSeen,
            lastSeen + tailnet.settings.offlineGrace <= now
        else { return }
        var status = node.status
        status.isOnline = false
        replaceNode(node, with: node.record, status: status, changes: .online, .soft)
    }

    private mutating func deleteEphemeralIfDue(_ node: NodeVersion) {
        guard node.record.isEphemeral, !node.isStreaming else { return }
        let since = node.record.soft.lastSeen ?? node.record.createdAt
        let due = since + tailnet.settings.ephemeralTimeout
        if due <= now {
            removeNode(node)
        } else {
            schedule(.ephemeral, for: node.record.id, at: due)
        }
    }
}
