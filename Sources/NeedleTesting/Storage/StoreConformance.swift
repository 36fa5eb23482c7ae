// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
internal import NeedleStorage
package import NeedleTypes

/// What every ``TailnetStore`` must do, for tests of adapters.
package enum StoreConformance {
    static let tailnet = TailnetID(1)

    /// All checks; each wants an empty store of its own.
    package static let checks: [StoreCheck] = reading + writing + deleting + policies + refusing

    /// A batch of the first tailnet.
    package static func batch(
        tailnet: TailnetID = TailnetID(1),
        users: [UserRecord] = [],
        keys: [PreAuthKeyRecord] = [],
        nodes: [NodeRecord] = [],
        policies: [StoredPolicy] = []
    ) -> StoreBatch {
        var batch = StoreBatch(tailnet: tailnet)
        batch.users = users
        batch.preAuthKeys = keys
        batch.nodes = nodes
        batch.policies = policies
        return batch
    }

    /// What an empty tailnet becomes when `batches` are applied in order.
    package static func fold(_ batches: [StoreBatch]) -> StoredTailnet {
        var stored = StoredTailnet()
        for batch in batches { stored.apply(batch) }
        return stored
    }

    /// Two users, three keys and three nodes, of which some belong to nobody.
    static var samples: StoreBatch {
        batch(
            users: [StoreSamples.user(1), StoreSamples.user(2)],
            keys: [
                StoreSamples.preAuthKey(1, user: 1), StoreSamples.preAuthKey(2, user: 2), StoreSamples.preAuthKey(3),
            ],
            nodes: [StoreSamples.node(1, user: 1), StoreSamples.node(2, user: 2), StoreSamples.node(3)]
        )
    }

    private static let reading = [
        StoreCheck("a tailnet that was never written is empty") { store in
            try await store.expect(StoredTailnet())
        },
        StoreCheck("what is committed is loaded") { store in
            try await store.commit([samples])
            try await store.expect(fold([samples]))
        },
        StoreCheck("every field survives at its extremes") { store in
            let extremes = batch(
                users: StoreSamples.extremeUsers,
                keys: StoreSamples.extremePreAuthKeys,
                nodes: StoreSamples.extremeNodes,
                policies: StoreSamples.extremePolicies
            )
            try await store.commit([extremes])
            try await store.expect(fold([extremes]))
        },
        StoreCheck("rows come by rising id, in whatever order they were written") { store in
            let ids: [Int64] = [300, 7, 1_000_000_007, 1, 42]
            let shuffled = batch(
                users: ids.map { StoreSamples.user($0) },
                keys: ids.map { StoreSamples.preAuthKey($0) },
                nodes: ids.map { StoreSamples.node($0) }
            )
            try await store.commit([shuffled])
            try await store.expect(fold([shuffled]))
        },
        StoreCheck("two tailnets with the same ids do not mix") { store in
            var others = batch(tailnet: TailnetID(2), users: [StoreSamples.user(1)], nodes: [StoreSamples.node(1)])
            others.users[0].name = "other"
            try await store.commit([samples, others])
            try await store.expect(fold([samples]))
            try await store.expect(fold([others]), in: TailnetID(2))
            var deletion = StoreBatch(tailnet: TailnetID(2))
            deletion.deletedNodes = [NodeID(1)]
            deletion.deletedUsers = [UserID(1)]
            try await store.commit([deletion])
            try await store.expect(fold([samples]))
            try await store.expect(fold([others, deletion]), in: TailnetID(2))
            try await store.expect(StoredTailnet(), in: TailnetID(3))
        },
    ]
}
