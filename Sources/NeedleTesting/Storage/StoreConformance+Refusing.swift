// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension StoreConformance {
    static let refusing = [
        StoreCheck("a node of an unknown user is refused, and nothing of the commit stays") { store in
            try await store.commit([samples])
            var first = batch(users: [StoreSamples.user(3)], keys: [StoreSamples.preAuthKey(4)])
            first.deletedNodes = [NodeID(1)]
            let second = batch(nodes: [StoreSamples.node(4), StoreSamples.node(5, user: 77)])
            try await store.expectRefusal(.inconsistent, of: [first, second])
            try await store.expect(fold([samples]))
            try await store.commit([first])
            try await store.expect(fold([samples, first]))
        },
        StoreCheck("a key of an unknown user is refused") { store in
            try await store.expectRefusal(.inconsistent, of: [batch(keys: [StoreSamples.preAuthKey(1, user: 1)])])
            try await store.expect(StoredTailnet())
        },
        StoreCheck("a user of another tailnet is an unknown user") { store in
            let other = batch(tailnet: TailnetID(2), nodes: [StoreSamples.node(1, user: 1)])
            try await store.expectRefusal(.inconsistent, of: [samples, other])
            try await store.expect(StoredTailnet())
        },
        StoreCheck("a user who still has nodes or keys cannot be deleted") { store in
            try await store.commit([samples])
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedUsers = [UserID(1)]
            try await store.expectRefusal(.inconsistent, of: [deletion])
            deletion.deletedNodes = [NodeID(1)]
            try await store.expectRefusal(.inconsistent, of: [deletion])
            deletion.deletedPreAuthKeys = [PreAuthKeyID(1)]
            try await store.commit([deletion])
            try await store.expect(fold([samples, deletion]))
        },
        StoreCheck("an owner may come later in the same commit") { store in
            let node = batch(nodes: [StoreSamples.node(1, user: 1)])
            let user = batch(users: [StoreSamples.user(1)])
            try await store.commit([node, user])
            try await store.expect(fold([node, user]))
        },
        StoreCheck("a closed store refuses everything, and may be closed again") { store in
            await store.close()
            await store.close()
            try await store.expectRefusal(.closed, of: [samples])
            do throws(StoreError) {
                _ = try await store.load(tailnet)
            } catch  where error.code == .closed {
                return
            }
            throw StoreMismatch("loading from a closed store should fail as closed but did not")
        },
    ]
}
