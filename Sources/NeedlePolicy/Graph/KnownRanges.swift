// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Ranges of addresses that the language names.
enum KnownRanges {
    /// What `*` is as a source: addresses of nodes, without those that Tailscale keeps for services on ChromeOS.
    static let everything = ["100.64.0.0-100.115.91.255", "100.115.94.0-100.127.255.255", "fd7a:115c:a1e0::/48"]

    /// What `autogroup:internet` is: public unicast addresses.
    static let internet: [AddressRange] = [
        "0.0.0.0-9.255.255.255", "11.0.0.0-100.63.255.255", "100.128.0.0-169.253.255.255",
        "169.255.0.0-172.15.255.255", "172.32.0.0-192.167.255.255", "192.169.0.0-255.255.255.255", "2000::/3",
    ].compactMap { AddressRange(text: $0) }

    /// As the packet filter writes them; the last one as a range, too.
    static let internetTexts = internet.map { "\($0.first)-\($0.last)" }

    /// Where Tailscale's nodes have their addresses.
    static let tailnet = ["100.64.0.0/10", "fd7a:115c:a1e0::/48"].compactMap { IPPrefix(text: $0) }
}
