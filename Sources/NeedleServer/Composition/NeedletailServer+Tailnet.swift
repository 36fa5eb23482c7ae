// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleAdmin
internal import NeedleModel
internal import NeedleStorageSQLite
internal import NeedleTypes
internal import NeedleWire

extension NeedletailServer {
    /// Reads what is stored and the policy, and makes a writer that begins with both.
    ///
    /// - Throws: ``ServerError`` with everything that is wrong with the policy, `StoreError` when nothing can be read.
    func openTailnet(
        _ configuration: Configuration,
        in store: SQLiteStore,
        derpMap: DERPMap
    ) async throws -> (writer: TailnetWriter, policyFile: PolicyFileKeeper?) {
        let stored = try await store.load(Self.tailnet)
        let clock = ContinuousClock()
        let start = clock.now
        let policy = try StartingPolicy(configuration, stored: stored)
        let writer = TailnetWriter(
            id: Self.tailnet,
            settings: TailnetSettings(configuration, derpMap: derpMap),
            policy: policy.policy,
            stored: stored,
            store: store,
            limits: TailnetWriter.Limits(configuration),
            logger: logger,
            now: WallClock.now
        )
        policy.report(writer.snapshot, took: clock.now - start, to: logger)
        let file = policy.file.map { file, stamp in
            PolicyFileKeeper(file, readIn: stamp, gate: writer, logger: logger)
        }
        return (writer, file)
    }

    /// Where administrators find the policy, of which `file` is the keeper if it is in one.
    func policyKeeping(_ file: PolicyFileKeeper?, _ store: SQLiteStore) -> PolicyKeeping {
        switch configuration.policy.mode {
        case .database: .database(text: { try await store.policyText($0, of: Self.tailnet) })
        case .file:
            file.map { file in .file(path: configuration.policy.path, reload: { try await file.reload() }) } ?? .nowhere
        }
    }
}
