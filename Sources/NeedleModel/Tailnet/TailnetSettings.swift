// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedlePolicy
package import NeedleTypes
package import NeedleWire

/// What an administrator decides for a tailnet, apart from its policy.
package struct TailnetSettings: Sendable {
    /// Where IPv4 addresses come from; nil: nodes get none.
    package var prefixV4: IPPrefix?
    /// Where IPv6 addresses come from; nil: nodes get none.
    package var prefixV6: IPPrefix?
    /// How addresses are chosen.
    package var allocation = AddressAllocation.sequential
    /// Under which nodes are named, without a trailing dot; may be empty.
    package var baseDomain: String
    /// What clients show as the name of the tailnet.
    package var domain: String
    /// Where nodes reach this server, without a trailing slash; SSH connections that have to be checked ask there.
    package var serverURL = ""
    /// What every client gets.
    package var dns: DNSConfig?
    /// The relays.
    package var derpMap: DERPMap
    /// How long the key of a user's node is good; nil means for ever.
    package var nodeExpiry: Duration?
    /// How long an ephemeral node may be away.
    package var ephemeralTimeout: Duration
    /// How long a node may be gone before others are told.
    package var offlineGrace: Duration = .seconds(10)
    /// Whether nodes may send each other files.
    package var allowsTaildrop = true
    /// Whether clients are told to keep themselves up to date.
    package var autoUpdates = false
    /// Whether clients may send their logs to Tailscale.
    package var allowsLogTail = false
    /// How long lists in packet filters are divided; tests of small tailnets set it.
    package var sourceBands = SourceBandLayout.usual

    /// Settings with the defaults of the properties above.
    package init(
        prefixV4: IPPrefix?,
        prefixV6: IPPrefix?,
        baseDomain: String,
        domain: String,
        dns: DNSConfig? = nil,
        derpMap: DERPMap,
        ephemeralTimeout: Duration = .seconds(30 * 60)
    ) {
        self.prefixV4 = prefixV4
        self.prefixV6 = prefixV6
        self.baseDomain = baseDomain
        self.domain = domain
        self.dns = dns
        self.derpMap = derpMap
        self.ephemeralTimeout = ephemeralTimeout
    }
}
