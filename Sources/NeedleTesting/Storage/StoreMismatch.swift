// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a check of ``StoreConformance`` found to be wrong.
package struct StoreMismatch: Error, Hashable, CustomStringConvertible {
    /// What was expected and what came instead.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
