// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a policy can know about the tailnet.
package struct TailnetFacts: Hashable, Sendable {
    /// The domain of the owner's e-mail address; absent when there is none, and then any domain is taken.
    package var domain: String?
    /// Whether clients update themselves unless told otherwise.
    package var updatesDevices: Bool
    /// Whether files may be sent between devices.
    package var sharesFiles: Bool

    /// Where the nodes' addresses come from, as far as that is not the range that `*` always stands for.
    package var otherPrefixes: [IPPrefix]

    package init(
        domain: String? = nil,
        updatesDevices: Bool = false,
        sharesFiles: Bool = true,
        prefixes: [IPPrefix] = []
    ) {
        self.domain = domain
        self.updatesDevices = updatesDevices
        self.sharesFiles = sharesFiles
        otherPrefixes = prefixes.filter { prefix in !KnownRanges.tailnet.contains { $0.contains(prefix) } }
    }
}
