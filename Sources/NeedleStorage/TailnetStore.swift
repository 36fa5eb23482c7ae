// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleTypes

/// Where tailnets are kept.
///
/// A store knows no rules of the model: it keeps what it is given, and the model in memory is the fold of everything
/// committed. The one thing it checks is that owners exist, since a node or key of nobody could not be loaded again.
package protocol TailnetStore: Sendable {
    /// Reads everything that is kept of `tailnet`, by rising ids; nothing at all for one that was never written.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` with table and id if a row makes no sense.
    func load(_ tailnet: TailnetID) async throws(StoreError) -> StoredTailnet

    /// Writes `batches` in order, all or nothing; durable when it returns.
    ///
    /// Within a batch deletions come first. Writing the same again changes nothing, and deleting what is not there is
    /// no error. The last ids of ``StoredTailnet`` follow from the ids that were ever written or deleted. Being
    /// cancelled does not interrupt it: it returns or throws only when it is certain which of the two happened.
    ///
    /// - Throws: ``StoreError``; nothing of `batches` was kept then.
    func commit(_ batches: [StoreBatch]) async throws(StoreError)

    /// The text of one version of the policy of `tailnet`; nil if it is not kept.
    func policyText(_ version: PolicyVersionID, of tailnet: TailnetID) async throws(StoreError) -> [UInt8]?

    /// Ends the use of the store, after whatever was asked before; later calls throw ``StoreError/Code/closed``.
    func close() async
}
