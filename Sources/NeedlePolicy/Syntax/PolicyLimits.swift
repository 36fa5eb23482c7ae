// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How much a policy may hold; the largest in the field stay below a tenth of this.
enum PolicyLimits {
    /// Entries of `acls`, of `grants` and so on.
    static let rulesMax = 200_000
    /// Names in one list of sources or destinations.
    static let namesMax = 10_000
    /// Ports and ranges of ports of one destination; there are no more that do not touch.
    static let portsMax = 32_768
    /// Entries of `ipsets`, and operations of one of them.
    static let addressSetsMax = 1_000
    static let addressSetTermsMax = 5_000
}
