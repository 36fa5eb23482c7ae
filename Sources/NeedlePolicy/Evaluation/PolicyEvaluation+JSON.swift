// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension PolicyEvaluation {
    /// Reads and checks a policy, and evaluates it for the tailnet in `file`.
    ///
    /// - Throws: ``PolicyError`` with everything that is wrong.
    package init(policy: [UInt8], tailnet file: TailnetFile) throws(PolicyError) {
        try self.init(text: policy, tailnet: file.tailnet, nodes: file.nodes)
    }

    /// What every node would be given, as one JSON document.
    ///
    /// - Shape: `{"nodes": {NAME: {"packetFilter", "self", "peers", "sshPolicy"}}}` with the fields of the recorded cases:
    ///   `allowedIPs` only where there are routes, `sshPolicy` only where there are rules.
    package func json(names: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("nodes")
        writer.beginObject()
        for (index, name) in names.enumerated() {
            writer.field(named: name)
            write(view(of: NodeSlot(index)), of: NodeSlot(index), names, to: &writer)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// A refusal, in the same place: `{"error": "..."}`.
    package static func json(_ error: PolicyError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("error")
        writer.string(error.description)
        writer.endObject()
        return writer.bytes
    }

    private func write(_ view: NodeView, of slot: NodeSlot, _ names: [String], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("packetFilter", view.packetFilter)
        writer.field("self")
        write(view.own, of: slot, view.capabilities, to: &writer)
        writer.field("peers")
        writer.beginObject()
        for peer in view.peers where peer.slot.index < names.count {
            writer.field(named: names[peer.slot.index])
            write(peer.access, of: peer.slot, peer.access.capMap, to: &writer)
        }
        writer.endObject()
        writer.field("sshPolicy", ifPresent: view.sshPolicy)
        writer.endObject()
    }

    private func write(_ access: PeerAccess, of slot: NodeSlot, _ capabilities: CapMap, to writer: inout JSONWriter) {
        writer.beginObject()
        if access.allowedIPs.count > graph.node(slot)?.reach.addresses.count ?? 0 {
            writer.field("allowedIPs", access.allowedIPs)
        }
        writer.field("primaryRoutes", ifNotEmpty: access.primaryRoutes)
        if !capabilities.isEmpty { writer.field("capMap", lists: capabilities) }
        writer.endObject()
    }
}
