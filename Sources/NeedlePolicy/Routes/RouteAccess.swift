// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// For which routes a class of nodes has a use, as far as the policy decides it.
struct RouteAccess: Sendable {
    /// Whether, as a source, it may reach everything.
    private(set) var reachesAll = false
    /// Whether, as a source, it may reach the internet.
    private(set) var reachesInternet = false
    /// The addresses that it may reach as a source.
    private var reached: [AddressRange] = []
    /// Whether it may be reached from everything.
    private(set) var isReachedFromAll = false
    /// The addresses that it may be reached from.
    private var reaching: [AddressRange] = []
    /// Destinations through routers with certain tags.
    private(set) var vias: [(tags: [String], base: Selector)] = []

    init(reaches: [SelectorID], reachedFrom: [SelectorID], table: SelectorTable) {
        for id in reaches {
            switch table[id] {
            case .everything, .anywhere: reachesAll = true
            case .internet: reachesInternet = true
            case .addresses(let ranges): reached += ranges
            case .internetAddresses(let ranges):
                reached += ranges
                reachesInternet = true
            case .via(let tags, let base): vias.append((tags, base))
            default: break
            }
        }
        for id in reachedFrom {
            switch table[id] {
            case .everything, .anywhere: isReachedFromAll = true
            case .addresses(let ranges), .internetAddresses(let ranges): reaching += ranges
            default: break
            }
        }
    }

    /// Whether, as a source, it may reach some of `route`.
    func mayReach(_ route: IPPrefix) -> Bool { reachesAll || reached.contains { $0.overlaps(route) } }

    /// Whether it may be reached from some of `route`, and so has to know where answers go.
    func mayBeReached(from route: IPPrefix) -> Bool {
        isReachedFromAll || reaching.contains { $0.overlaps(route) }
    }
}
