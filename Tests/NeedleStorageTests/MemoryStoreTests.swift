// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleStorage
import NeedleTesting
import NeedleTypes
import Testing

@Suite struct MemoryStoreTests {
    @Test("does what every store must do", arguments: StoreConformance.checks)
    func conforms(check: StoreCheck) async throws {
        try await check.run(on: MemoryStore())
    }

    @Test("fails as often as it was told, keeps nothing of that, and then works again")
    func fails() async throws {
        let store = MemoryStore()
        let batch = StoreConformance.batch(users: [StoreSamples.user(1)])
        store.failNextCommits(2)
        for _ in 0..<2 {
            let error = await #expect(throws: StoreError.self) { try await store.commit([batch]) }
            #expect(error?.code == .full)
        }
        #expect(try await store.load(TailnetID(1)).users.isEmpty)
        #expect(store.commitCount == 0)
        try await store.commit([batch])
        #expect(try await store.load(TailnetID(1)).users == [StoreSamples.user(1)])
        #expect(store.commitCount == 1)
    }
}
