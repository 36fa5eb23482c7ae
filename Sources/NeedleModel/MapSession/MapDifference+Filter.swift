// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

extension MapDifference {
    /// From how many nodes on the sources of a rule are a piece of their own, encoded and compressed once for everybody
    /// who has a rule with them.
    static let sharedSourceNodesMin = 4

    /// Adds the field with parts of the packet filter; `isWhole` says that the client has none of it yet.
    ///
    /// A whole filter begins with a part without rules, so that no client takes one that lets nobody in for a missing
    /// one.
    ///
    /// - Source: `tailcfg.MapResponse.PacketFilters`, capability version 81: a name with null takes a part away.
    func write(_ chunks: [PolicyChunk], removed: [String], isWhole: Bool = false, to message: inout MapMessage) {
        message.own.field("PacketFilters")
        message.own.raw("{")
        if isWhole { message.own.raw(#""base":[]"#) }
        var isFirst = !isWhole
        func separate() {
            if !isFirst { message.own.raw(",") }
            isFirst = false
        }
        for chunk in chunks {
            separate()
            write(chunk, to: &message)
        }
        for name in removed {
            separate()
            message.own.string(name)
            message.own.raw(":null")
        }
        message.own.raw("}")
    }

    /// Adds a part of the filter, with its name.
    private func write(_ chunk: PolicyChunk, to message: inout MapMessage) {
        let policy = tailnet.policy
        chunk.writeName(to: &message.own)
        message.own.raw(":")
        guard let sources = chunk.sources else {
            return message.own.array(policy.rules(of: chunk, at: viewer.slot))
        }
        message.own.raw(#"[{"SrcIPs":"#)
        if sources.nodeCount < Self.sharedSourceNodesMin {
            policy.write(sources, to: &message.own)
        } else {
            message.append(
                .shared(.sources(sources, policy: tailnet.policyChanged)) { [snapshot] in
                    var writer = JSONWriter(reserving: 64 + 48 * Int(sources.nodeCount))
                    snapshot.tailnet.policy.write(sources, to: &writer)
                    return writer.bytes
                }
            )
        }
        message.own.raw(#","DstPorts":["#)
        policy.writeDestinations(of: chunk, at: viewer.slot, to: &message.own)
        message.own.raw("]")
    }
}
