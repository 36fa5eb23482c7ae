// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
internal import NeedleTypes

extension Transaction {
    /// Fills an empty tailnet with what was stored.
    mutating func restore(_ stored: StoredTailnet) {
        for user in stored.users {
            tailnet.users[user.id] = user
            tailnet.userNames[user.name] = user.id
        }
        for key in stored.preAuthKeys {
            tailnet.preAuthKeys[key.id] = key
            tailnet.preAuthKeyPrefixes[key.prefix] = key.id
        }
        for node in stored.nodes {
            for address in node.addresses {
                tailnet.poolV4?.take(address)
                tailnet.poolV6?.take(address)
            }
            insertNode(node, .none)
        }
        tailnet.policyVersions = stored.policyVersions
        tailnet.lastPolicyVersionID = max(
            stored.lastPolicyVersionID,
            stored.policyVersions.map(\.id).max() ?? PolicyVersionID(0)
        )
        tailnet.lastUserID = max(stored.lastUserID, stored.users.map(\.id).max() ?? UserID(0))
        tailnet.lastNodeID = max(stored.lastNodeID, stored.nodes.map(\.id).max() ?? NodeID(0))
        tailnet.lastPreAuthKeyID = max(
            stored.lastPreAuthKeyID,
            stored.preAuthKeys.map(\.id).max() ?? PreAuthKeyID(0)
        )
    }
}
