// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// A named part of a packet filter, replaced on its own when it changes.
///
/// - Source: `tailcfg.MapResponse.PacketFilters`, capability version 81.
package struct FilterChunk: Sendable {
    /// The client's name for it.
    package let name: String
    /// When its rules last changed.
    package let changed: Revision
    /// What is allowed.
    package let rules: [FilterRule]

    package init(name: String, changed: Revision, rules: [FilterRule]) {
        self.name = name
        self.changed = changed
        self.rules = rules
    }

    /// Anybody to anything.
    static let everything = FilterChunk(
        name: "base",
        changed: .zero,
        rules: [
            FilterRule(srcIPs: ["*"], dstPorts: [NetPortRange(ip: "*", ports: PortRange(first: 0, last: 65535))])
        ]
    )
}
