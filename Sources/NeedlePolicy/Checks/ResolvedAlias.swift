// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Whom a test names: nodes, or addresses that may or may not be those of nodes.
struct ResolvedAlias {
    var nodes = NodeSet()
    var ranges: [AddressRange] = []

    var isEmpty: Bool { nodes.isEmpty && ranges.isEmpty }
}
