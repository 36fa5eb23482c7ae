// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The smallest thing that a rule can name; a node either is in it or is not.
indirect enum Selector: Hashable, Sendable {
    /// `*`.
    case everything
    /// `autogroup:danger-all`: every node, and everybody else.
    case anywhere
    /// A user, by a name in lower case.
    case user(String)
    /// All users whose e-mail addresses end in this domain.
    case userDomain(String)
    case group(String)
    case tag(String)
    /// `autogroup:member`, `autogroup:tagged` and those for roles.
    case autogroup(Autogroup)
    /// Addresses as an end of a rule: nodes with such an address, and routers with an overlapping route in force.
    case addresses([AddressRange])
    /// As ``addresses(_:)``, made from `autogroup:internet`: exit nodes in force are in it, too.
    case internetAddresses([AddressRange])
    /// Addresses that name nodes: nodes with such an address.
    case nodesAt([AddressRange])
    /// Exit nodes in force, as `autogroup:internet`.
    case internet
    /// Nodes with one of the tags that are in the other selector by a route of theirs.
    case via([String], Selector)
    /// Nodes of the other selector that meet one of the postures.
    case conditional(PostureSet, Selector)
    /// `svc:`; nodes do not stand for services yet.
    case service(String)

    /// The ranges of addresses; nothing for others.
    var ranges: [AddressRange]? {
        switch self {
        case .addresses(let ranges), .internetAddresses(let ranges), .nodesAt(let ranges): ranges
        default: nil
        }
    }

    /// Whether, as a source, it is written as it is, whoever is in it.
    var isWrittenAsIs: Bool {
        switch self {
        case .everything, .anywhere, .addresses, .internetAddresses: true
        default: false
        }
    }

    /// Whether nodes are in it for what they are, so that their own addresses stand for it.
    var isIdentity: Bool {
        switch self {
        case .user, .userDomain, .group, .tag, .autogroup, .conditional, .service: true
        default: false
        }
    }
}

/// The index of a ``Selector`` in its policy.
typealias SelectorID = Int32
