// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
package import NeedleWire

/// Puts another set of relays in force.
package struct ReplaceDERPMap: Command {
    let derpMap: DERPMap

    package init(derpMap: DERPMap) {
        self.derpMap = derpMap
    }

    package func apply(to transaction: inout Transaction) {
        if transaction.tailnet.settings.derpMap == derpMap { return }
        transaction.tailnet.settings.derpMap = derpMap
        transaction.tailnet.derpMapChanged = transaction.revision
    }
}
