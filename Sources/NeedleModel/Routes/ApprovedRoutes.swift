// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Which routes an administrator lets a node serve.
package enum ApprovedRoutes {
    /// How many routes a node may be approved for.
    package static let countMax = 1024
    /// The two routes of an exit node, which are approved together.
    package static let exitRoutes = [IPPrefix(text: "0.0.0.0/0"), IPPrefix(text: "::/0")].compactMap(\.self)

    /// `routes` without repetition and sorted, with both default routes if one is among them.
    package static func normalized(_ routes: some Sequence<IPPrefix>) -> [IPPrefix] {
        var result = Set(routes)
        if result.contains(where: \.isDefaultRoute) { result.formUnion(exitRoutes) }
        return result.sorted()
    }
}
