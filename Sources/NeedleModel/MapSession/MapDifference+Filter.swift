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
        for chunk in chunks {
            write(chunk, isFirst: isFirst, to: &message)
            isFirst = false
        }
        for name in removed {
            if !isFirst { message.own.raw(",") }
            isFirst = false
            message.own.string(name)
            message.own.raw(":null")
        }
        message.own.raw("}")
    }

    /// Adds a part with its name.
    ///
    /// Of a part with shared sources everything up to the destinations is one piece for everybody who has it; the
    /// destinations, which are the node's own addresses, stand in many of its parts alike.
    private func write(_ chunk: PolicyChunk, isFirst: Bool, to message: inout MapMessage) {
        let policy = tailnet.policy
        guard let sources = chunk.sources, sources.nodeCount >= Self.sharedSourceNodesMin else {
            Self.begin(chunk, isFirst: isFirst, &message.own)
            return message.own.array(policy.rules(of: chunk, at: viewer.slot))
        }
        let key = MapPiece.Key.sources(
            sources,
            chunk: chunk.key,
            policy: tailnet.policyChanged,
            isFirst: isFirst
        )
        message.append(
            .shared(key) { [snapshot] in
                var writer = JSONWriter(reserving: 96 + 48 * sources.nodeCount)
                Self.begin(chunk, isFirst: isFirst, &writer)
                writer.raw(#"[{"SrcIPs":"#)
                snapshot.tailnet.policy.write(sources, to: &writer)
                writer.raw(#","DstPorts":["#)
                return writer.bytes
            }
        )
        message.appendRepeated(policy.destinationsKey(of: chunk)) { writer in
            policy.writeDestinations(of: chunk, at: viewer.slot, to: &writer)
            writer.raw("]")
        }
    }

    private static func begin(_ chunk: PolicyChunk, isFirst: Bool, _ writer: inout JSONWriter) {
        if !isFirst { writer.raw(",") }
        chunk.writeName(to: &writer)
        writer.raw(":")
    }
}
