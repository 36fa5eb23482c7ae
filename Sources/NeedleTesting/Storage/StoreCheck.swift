// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
package import NeedleStorage
internal import NeedleTypes

/// One thing that every store must do, tried on an empty one.
package struct StoreCheck: Sendable, CustomStringConvertible {
    /// What must hold, as a sentence.
    package let description: String
    private let body: @Sendable (any TailnetStore) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (any TailnetStore) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Tries it on `store`, which must be empty and for this check alone; leaves closing it to the caller.
    ///
    /// - Throws: ``StoreMismatch`` if it does not hold, or what the store threw.
    package func run(on store: any TailnetStore) async throws {
        try await body(store)
    }
}

extension TailnetStore {
    /// Checks that what is kept of `tailnet` is `expected`.
    func expect(_ expected: StoredTailnet, in tailnet: TailnetID = StoreConformance.tailnet) async throws {
        try (try await load(tailnet)).check(against: expected)
    }

    /// Checks that the text of `version` is what it is to be; nil for one that is not kept.
    func expectPolicy(
        _ version: Int64,
        _ expected: [UInt8]?,
        in tailnet: TailnetID = StoreConformance.tailnet
    ) async throws {
        let found = try await policyText(PolicyVersionID(version), of: tailnet)
        guard found != expected else { return }
        throw StoreMismatch(
            "version \(version) of the policy should have \(expected?.count ?? 0) bytes and has \(found?.count ?? 0), or others"
        )
    }

    /// Checks that committing `batches` is refused with `code`.
    func expectRefusal(_ code: StoreError.Code, of batches: [StoreBatch]) async throws {
        do throws(StoreError) {
            try await commit(batches)
        } catch {
            guard error.code != code else { return }
            throw StoreMismatch("the commit should fail as \(code) but failed as \(error.code): \(error)")
        }
        throw StoreMismatch("the commit should fail as \(code) but was kept")
    }
}
