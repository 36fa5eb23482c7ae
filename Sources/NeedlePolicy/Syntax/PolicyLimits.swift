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
    /// Ranges of addresses in all `ipsets`, those that they name counted again.
    static let addressSetRangesMax = 200_000
    /// Pairs of a source and a destination in all rules together.
    static let pairsMax = 50_000_000
    /// Conditions of one entry of `postures`, and postures that one rule names.
    static let conditionsMax = 1_000
    /// Entries of `tests` and of `sshTests`; each is looked at for every node that it names.
    static let testsMax = 20_000
}
