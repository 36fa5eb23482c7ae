// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleStorage
import NeedleStorageSQLite
import NeedleTypes
import Synchronization

/// Opens the database for each call and closes it again, so that everything goes through the file.
final class ReopeningStore: TailnetStore {
    private let path: String
    private let isClosed = Mutex(false)

    init(path: String) {
        self.path = path
    }

    func load(_ tailnet: TailnetID) async throws(StoreError) -> StoredTailnet {
        let store = try await opened()
        let stored = try await store.load(tailnet)
        await store.close()
        return stored
    }

    func policyText(_ version: PolicyVersionID, of tailnet: TailnetID) async throws(StoreError) -> [UInt8]? {
        let store = try await opened()
        let text = try await store.policyText(version, of: tailnet)
        await store.close()
        return text
    }

    func commit(_ batches: [StoreBatch]) async throws(StoreError) {
        let store = try await opened()
        do throws(StoreError) {
            try await store.commit(batches)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    func close() async {
        isClosed.withLock { $0 = true }
    }

    private func opened() async throws(StoreError) -> SQLiteStore {
        let store = try SQLiteStore(path: path)
        if isClosed.withLock({ $0 }) { await store.close() }
        return store
    }
}
