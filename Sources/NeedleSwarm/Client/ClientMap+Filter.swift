// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
internal import NeedleWire

extension ClientMap {
    /// The chunks of the filter (reference 3.6).
    mutating func applyFilter(_ message: MapResponse) throws(Violation) {
        if let rules = message.packetFilter {
            try check(rules, chunk: "base")
            filter["base"] = rules
        }
        if message.packetFilters.contains(.deleteAll) { filter = [:] }
        for chunk in message.packetFilters where chunk != .deleteAll {
            guard chunk.name != "*" else {
                throw Violation(description: "the chunk '*' has rules, which clients do not look at")
            }
            switch chunk.content {
            case .rules(let rules):
                try check(rules, chunk: chunk.name)
                filter[chunk.name] = rules
            case .deleted: filter[chunk.name] = nil
            case .encoded: break  // What is decoded is never this.
            }
        }
    }

    private func check(_ rules: [FilterRule], chunk: String) throws(Violation) {
        for rule in rules {
            for source in rule.srcIPs where !Self.isSource(source) {
                throw Violation(description: "chunk '\(chunk)' has the source '\(source)', for which clients drop it")
            }
            for target in rule.dstPorts where !Self.isAddressSet(target.ip) {
                throw Violation(
                    description: "chunk '\(chunk)' has the target '\(target.ip)', for which clients drop it"
                )
            }
            // The Rust client drops a message with anything else.
            guard rule.dstPorts.isEmpty != rule.capGrant.isEmpty else {
                throw Violation(description: "chunk '\(chunk)' has a rule with both ports and capabilities, or neither")
            }
        }
    }

    private static func isSource(_ text: String) -> Bool {
        isAddressSet(text) || (text.hasPrefix("cap:") && text.utf8.count > 4)
    }

    /// `*`, an address, a prefix without host bits, or a range.
    private static func isAddressSet(_ text: String) -> Bool {
        if text == "*" || IPAddress(text: text) != nil { return true }
        if let slash = text.lastIndex(of: "/") {
            // Reading clears host bits; with any, clients refuse the prefix.
            return IPPrefix(text: text).map { $0.address == IPAddress(text: text[..<slash]) } ?? false
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { IPAddress(text: $0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1] else { return false }
        return first.family == last.family && first <= last
    }
}
