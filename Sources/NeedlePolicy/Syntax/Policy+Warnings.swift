// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Policy {
    /// What the policy says that is taken, but not obeyed here, and what to do in its place.
    package var warnings: [PolicyFinding] {
        var collector = FindingCollector()
        for key in syntax.unobeyed {
            collector.add("\"\(key.value)\" is not obeyed", at: key.offset, hint: Self.replacements[key.value])
        }
        return collector.findings(in: text)
    }

    private static let replacements = [
        "derpMap": "relays are configured with derp.paths, derp.urls and derp.server",
        "extraDNSRecords": "records are configured with dns.extra_records",
        "OneCGNATRoute": "clients choose by themselves how they route the tailnet's addresses",
        "attrConfig": "custom attributes need no declaration",
    ]
}
