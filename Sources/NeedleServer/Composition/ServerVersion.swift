// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What this build calls itself.
package enum ServerVersion {
    /// The version that `needletail version` and `/version` show.
    package static let text = "0.1.0-dev"
}
