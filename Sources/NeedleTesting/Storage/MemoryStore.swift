// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleStorage
package import NeedleTypes
internal import Synchronization

/// A store that forgets with the process, for tests; it can be told to fail.
package final class MemoryStore: TailnetStore {
    private struct State {
        var tailnets: [TailnetID: StoredTailnet] = [:]
        var policyTexts: [TailnetID: [PolicyVersionID: [UInt8]]] = [:]
        var failuresLeft = 0
        var commits = 0
        var isClosed = false

        mutating func keepTexts(of batch: StoreBatch) {
            for id in batch.deletedPolicies { policyTexts[batch.tailnet]?[id] = nil }
            for policy in batch.policies { policyTexts[batch.tailnet, default: [:]][policy.version.id] = policy.text }
        }
    }

    private let state = Mutex(State())

    /// An empty store.
    package init() {}

    /// Makes the next `count` commits fail and keep nothing, as a full disk would.
    package func failNextCommits(_ count: Int) {
        state.withLock { $0.failuresLeft = count }
    }

    /// How many commits were kept.
    package var commitCount: Int {
        state.withLock { $0.commits }
    }

    package func load(_ tailnet: TailnetID) async throws(StoreError) -> StoredTailnet {
        try read(tailnet)
    }

    package func commit(_ batches: [StoreBatch]) async throws(StoreError) {
        try write(batches)
    }

    package func policyText(
        _ version: PolicyVersionID,
        of tailnet: TailnetID
    ) async throws(StoreError) -> [UInt8]? {
        try text(of: version, of: tailnet)
    }

    package func close() async {
        state.withLock { $0.isClosed = true }
    }

    private func read(_ tailnet: TailnetID) throws(StoreError) -> StoredTailnet {
        try state.withLock { (state) throws(StoreError) in
            if state.isClosed { throw Self.closed }
            return state.tailnets[tailnet] ?? StoredTailnet()
        }
    }

    private func text(of version: PolicyVersionID, of tailnet: TailnetID) throws(StoreError) -> [UInt8]? {
        try state.withLock { (state) throws(StoreError) in
            if state.isClosed { throw Self.closed }
            return state.policyTexts[tailnet]?[version]
        }
    }

    private func write(_ batches: [StoreBatch]) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            if state.isClosed { throw Self.closed }
            if state.failuresLeft > 0 {
                state.failuresLeft -= 1
                throw StoreError(.full, "this commit was told to fail")
            }
            var tailnets = state.tailnets
            for batch in batches where !batch.isEmpty { tailnets[batch.tailnet, default: StoredTailnet()].apply(batch) }
            for tailnet in tailnets.values {
                if let orphan = tailnet.orphan {
                    throw StoreError(.inconsistent, "the owner of \(orphan) is not there; nothing was written")
                }
            }
            state.tailnets = tailnets
            for batch in batches { state.keepTexts(of: batch) }
            state.commits += 1
        }
    }

    private static var closed: StoreError {
        StoreError(.closed, "the store was closed")
    }
}
