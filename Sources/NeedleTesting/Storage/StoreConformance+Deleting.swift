// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension StoreConformance {
    static let deleting = [
        StoreCheck("what is deleted is gone, and nothing else") { store in
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedUsers = [UserID(2)]
            deletion.deletedPreAuthKeys = [PreAuthKeyID(2)]
            deletion.deletedNodes = [NodeID(2)]
            try await store.commit([samples])
            try await store.commit([deletion])
            try await store.expect(fold([samples, deletion]))
        },
        StoreCheck("deleting what is not there is no error") { store in
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedUsers = [UserID(9)]
            deletion.deletedPreAuthKeys = [PreAuthKeyID(9)]
            deletion.deletedNodes = [NodeID(9)]
            try await store.commit([samples, deletion])
            try await store.expect(fold([samples, deletion]))
        },
        StoreCheck("last ids do not go back when the last rows are deleted") { store in
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedUsers = [UserID(1), UserID(2)]
            deletion.deletedPreAuthKeys = [PreAuthKeyID(1), PreAuthKeyID(2), PreAuthKeyID(3)]
            deletion.deletedNodes = [NodeID(1), NodeID(2), NodeID(3)]
            try await store.commit([samples])
            try await store.commit([deletion])
            let stored = try await store.load(tailnet)
            let last = [stored.lastUserID.value, stored.lastPreAuthKeyID.value, stored.lastNodeID.value]
            guard stored.users.isEmpty, stored.preAuthKeys.isEmpty, stored.nodes.isEmpty, last == [2, 3, 3] else {
                throw StoreMismatch("expected no rows and the last ids 2, 3, 3; found \(stored)")
            }
        },
        StoreCheck("ids that were made and deleted within one batch count") { store in
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedUsers = [UserID(5)]
            deletion.deletedPreAuthKeys = [PreAuthKeyID(6)]
            deletion.deletedNodes = [NodeID(7)]
            try await store.commit([deletion])
            try await store.commit([samples])
            let stored = try await store.load(tailnet)
            let last = [stored.lastUserID.value, stored.lastPreAuthKeyID.value, stored.lastNodeID.value]
            guard last == [5, 6, 7] else { throw StoreMismatch("expected the last ids 5, 6, 7; found \(last)") }
        },
        StoreCheck("a node stays when the key that it joined with is deleted") { store in
            var node = StoreSamples.node(1, user: 1)
            node.authKey = PreAuthKeyID(1)
            let before = batch(
                users: [StoreSamples.user(1)],
                keys: [StoreSamples.preAuthKey(1, user: 1)],
                nodes: [node]
            )
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedPreAuthKeys = [PreAuthKeyID(1)]
            try await store.commit([before])
            try await store.commit([deletion])
            try await store.expect(fold([before, deletion]))
        },
    ]
}
