// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleWire

extension TailnetSettings {
    /// What every node may do in this tailnet, as far as no policy says more.
    ///
    /// - Source: reference 8, "headscale baseline"; `is-admin` is not given to everybody as headscale does (1l.3).
    var selfCapabilities: CapMap {
        var capabilities: CapMap = [
            "https://tailscale.com/cap/ssh": [],
            "default-auto-update": [RawJSON(autoUpdates ? "true" : "false")],
        ]
        if allowsTaildrop { capabilities["https://tailscale.com/cap/file-sharing"] = [] }
        return capabilities
    }
}
