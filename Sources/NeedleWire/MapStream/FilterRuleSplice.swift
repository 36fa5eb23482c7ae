// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Makes filter rules from pieces: the sources, which are long and shared, and the destinations, which are short.
package enum FilterRuleSplice {
    /// A rule up to its destinations; `sources` is one JSON array.
    package static func opening(sources: [UInt8]) -> [UInt8] {
        Array(#"{"SrcIPs":"#.utf8) + sources
    }

    /// The rest of a rule that lets packets through.
    package static func closing(dstPorts: [NetPortRange], ipProto: [Int]) -> [UInt8] {
        closing(FilterRule(dstPorts: dstPorts, ipProto: ipProto))
    }

    /// The rest of a rule that grants capabilities.
    package static func closing(capGrant: [CapGrant]) -> [UInt8] {
        closing(FilterRule(capGrant: capGrant))
    }

    /// The JSON array that ``opening(sources:)`` takes.
    package static func sources(_ srcIPs: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.array(srcIPs)
        return writer.bytes
    }

    private static func closing(_ rule: FilterRule) -> [UInt8] {
        Array(rule.json.dropFirst(#"{"SrcIPs":[]"#.utf8.count))
    }
}
