// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// One version of a tailnet's policy, as its history shows it; the text is in the store.
package struct PolicyVersion: Hashable, Sendable {
    /// How many versions are kept; the oldest go first.
    package static let countMax = 100
    /// How long ``author`` and ``comment`` may be, in bytes.
    package static let noteBytesMax = 1024

    /// Grows with every version, from 1.
    package let id: PolicyVersionID
    /// When it was set.
    package let createdAt: Timestamp
    /// Who set it, as far as known; may be empty.
    package let author: String
    /// Why; may be empty.
    package let comment: String
    /// How long the text is.
    package let byteCount: Int

    /// All fields as given.
    package init(id: PolicyVersionID, createdAt: Timestamp, author: String, comment: String, byteCount: Int) {
        self.id = id
        self.createdAt = createdAt
        self.author = author
        self.comment = comment
        self.byteCount = byteCount
    }
}
