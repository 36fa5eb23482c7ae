// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension StoreConformance {
    static let writing = [
        StoreCheck("committing nothing is no error") { store in
            try await store.commit([])
            try await store.commit([StoreBatch(tailnet: tailnet)])
            try await store.expect(StoredTailnet())
        },
        StoreCheck("a later state replaces an earlier one, and nothing else") { store in
            try await store.commit([samples])
            try await store.commit([changes])
            try await store.expect(fold([samples, changes]))
        },
        StoreCheck("batches of one commit apply in order") { store in
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedNodes = [NodeID(2)]
            let again = batch(nodes: [StoreSamples.node(2)])
            let batches = [samples, changes, deletion, again]
            try await store.commit(batches)
            try await store.expect(fold(batches))
        },
        StoreCheck("committing the same again changes nothing") { store in
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedNodes = [NodeID(1)]
            deletion.deletedPreAuthKeys = [PreAuthKeyID(1)]
            for batches in [[samples], [samples], [changes, deletion], [changes, deletion], [deletion]] {
                try await store.commit(batches)
            }
            try await store.expect(fold([samples, changes, deletion]))
        },
        StoreCheck("soft state is written without the rest, of nodes that are there") { store in
            try await store.commit([samples])
            var soft = StoreBatch(tailnet: tailnet)
            var roamed = StoreSamples.node(2, user: 1)
            roamed.givenName = "not to be written"
            roamed.soft.homeDERP = 77
            roamed.soft.endpoints = []
            var forgetful = StoreSamples.node(3)
            forgetful.soft = NodeRecord.Soft()
            soft.softNodes = [roamed, forgetful, StoreSamples.node(99)].map { StoreBatch.SoftNode($0) }
            try await store.commit([soft])
            try await store.expect(fold([samples, soft]))
            // In one commit, new nodes come before it, and nodes that go stay gone.
            var mixed = batch(nodes: [StoreSamples.node(4)])
            mixed.deletedNodes = [NodeID(3)]
            mixed.softNodes = [roamed, StoreSamples.node(3)].map { StoreBatch.SoftNode($0) }
            try await store.commit([mixed])
            try await store.expect(fold([samples, soft, mixed]))
        },
        StoreCheck("two users may swap their names") { store in
            try await store.commit([samples])
            var swapped = samples.users
            (swapped[0].name, swapped[1].name) = (swapped[1].name, swapped[0].name)
            try await store.commit([batch(users: swapped)])
            try await store.expect(fold([samples, batch(users: swapped)]))
        },
        StoreCheck("many rows fit one commit") { store in
            let many = batch(
                users: (1...50).map { StoreSamples.user($0) },
                keys: (1...500).map { StoreSamples.preAuthKey($0, user: $0 % 50 + 1) },
                nodes: (1...500).map { StoreSamples.node($0, user: $0 % 50 + 1) }
            )
            try await store.commit([many])
            try await store.expect(fold([many]))
        },
    ]

    /// Every field of ``samples`` that can change, changed in one of the rows.
    private static var changes: StoreBatch {
        var user = StoreSamples.user(1)
        user.name = "renamed"
        user.displayName = ""
        user.email = "new@example.com"
        user.profilePicURL = ""
        var key = StoreSamples.preAuthKey(1, user: 1)
        key.isUsed = true
        key.expiration = nil
        var node = StoreSamples.node(1, user: 2)
        node.nodeKey = StoreSamples.key(99)
        node.networkLockKey = StoreSamples.key(98)
        node.tags = ["tag:a", "tag:b"]
        node.givenName = "renamed"
        node.isRenamed = true
        node.isEphemeral = true
        node.expiry = nil
        node.registerMethod = .oidc
        node.authKey = nil
        node.soft = NodeRecord.Soft()
        return batch(users: [user], keys: [key], nodes: [node])
    }
}
