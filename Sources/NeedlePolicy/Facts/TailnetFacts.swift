// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a policy can know about the tailnet.
package struct TailnetFacts: Hashable, Sendable {
    /// The domain of the owner's e-mail address; absent when there is none, and then any domain is taken.
    package var domain: String?
    /// Whether clients update themselves unless told otherwise.
    package var updatesDevices: Bool
    /// Whether files may be sent between devices.
    package var sharesFiles: Bool

    package init(domain: String? = nil, updatesDevices: Bool = false, sharesFiles: Bool = true) {
        self.domain = domain
        self.updatesDevices = updatesDevices
        self.sharesFiles = sharesFiles
    }
}
