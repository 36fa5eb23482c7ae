// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy

extension TailnetFacts {
    /// What a policy can know of a tailnet with `settings`.
    init(_ settings: TailnetSettings) {
        self.init(
            updatesDevices: settings.autoUpdates,
            sharesFiles: settings.allowsTaildrop,
            prefixes: [settings.prefixV4, settings.prefixV6].compactMap(\.self)
        )
    }
}
