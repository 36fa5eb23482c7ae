// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Peers of a map message, as values or as JSON that was made before.
///
/// Clients expect them in order of id; whoever fills the list sees to that.
package enum PeerList: Hashable, Sendable {
    /// Values, for small messages and for what a client reads.
    case nodes([Node])
    /// The JSON of each node, shared by all who see the node.
    case encoded([[UInt8]])

    /// Whether there is no peer in it.
    package var isEmpty: Bool {
        switch self {
        case .nodes(let nodes): nodes.isEmpty
        case .encoded(let pieces): pieces.isEmpty
        }
    }
}

extension PeerList: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = .nodes(try reader.list(max: WireLimits.serverListMax) ?? [])
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .nodes(let nodes): writer.array(nodes)
        case .encoded(let pieces):
            writer.beginArray()
            for piece in pieces {
                writer.element()
                writer.raw(piece)
            }
            writer.endArray()
        }
    }
}
