// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A version of a policy with its text, on the way to or from the store.
package struct StoredPolicy: Hashable, Sendable {
    /// Which version it is.
    package let version: PolicyVersion
    /// The policy as it was given.
    package let text: [UInt8]

    package init(version: PolicyVersion, text: [UInt8]) {
        self.version = version
        self.text = text
    }
}
