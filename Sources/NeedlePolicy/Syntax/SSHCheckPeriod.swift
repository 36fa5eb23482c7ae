// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// After how long a user has to prove again who they are.
package enum SSHCheckPeriod: Hashable, Sendable {
    /// At every connection.
    case always
    /// After so many nanoseconds.
    case after(nanoseconds: Int64)
}
