// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Something that is asked of the writer.
///
/// A command either does all of what it says or throws and leaves the transaction as it was.
package protocol Command: Sendable {
    /// What the asker gets when it is done.
    associatedtype Reply: Sendable

    /// Carries it out.
    ///
    /// - Throws: ``ModelError`` with a message for the asker.
    func apply(to transaction: inout Transaction) throws(ModelError) -> Reply
}
