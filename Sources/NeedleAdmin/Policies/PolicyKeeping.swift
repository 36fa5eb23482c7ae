// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Where the policy is kept, which decides how it is changed.
package enum PolicyKeeping: Sendable {
    /// In the database, as versions; `text` reads that of one.
    case database(text: @Sendable (PolicyVersionID) async throws -> [UInt8]?)
    /// In a file that somebody else writes; `reload` reads it again.
    case file(path: String, reload: @Sendable () async throws -> Void)
    /// Nowhere: no file is named, so that every node may reach every node.
    case nowhere
}
