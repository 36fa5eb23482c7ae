// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleStorage
import NeedleStorageSQLite
import NeedleTesting
import NeedleTypes
import Testing

@Suite struct SQLiteStoreTests {
    private let directory = try? TemporaryDirectory()

    @Test("does what every store must do", arguments: StoreConformance.checks)
    func conforms(check: StoreCheck) async throws {
        let store = try SQLiteStore(path: try #require(directory).path("db"))
        try await check.run(on: store)
        await store.close()
    }
}
