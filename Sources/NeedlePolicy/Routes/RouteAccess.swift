// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// For which routes a class of nodes has a use, as far as the policy decides it.
struct RouteAccess: Sendable {
    /// Whether, as a source, it may reach everything.
    private(set) var reachesAll = false
    /// Whether, as a source, it may reach the internet.
    private(set) var reachesInternet = false
    /// Whether it may be reached from everything.
    private(set) var isReachedFromAll = false
    /// Destinations through routers with certain tags.
    private(set) var vias: [(tags: [String], base: Selector)] = []
    private let ends: EdgeEnds

    init(_ ends: EdgeEnds, in policy: CompiledPolicy) {
        self.ends = ends
        for id in policy.table.routed where ends.reaches.contains(id) {
            switch policy.table[id] {
            case .everything, .anywhere: reachesAll = true
            case .internet, .internetAddresses: reachesInternet = true
            case .via(let tags, let base): vias.append((tags, base))
            default: break
            }
        }
        isReachedFromAll = policy.table.everywhere.contains { ends.reachedFrom.contains($0) }
    }

    /// Whether, as a source, it may reach some of a route that is among the addresses of `selectors`.
    func mayReach(_ selectors: [SelectorID]) -> Bool {
        reachesAll || selectors.contains { ends.reaches.contains($0) }
    }

    /// Whether it may be reached from some of a route that is among the addresses of `selectors`, and so has to know
    /// where answers go.
    func mayBeReached(from selectors: [SelectorID]) -> Bool {
        isReachedFromAll || selectors.contains { ends.reachedFrom.contains($0) }
    }
}
