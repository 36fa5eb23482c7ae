// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One named part of a packet filter, and what is to become of it.
///
/// The filter of a node is all chunks together; a chunk that is not named stays as it was.
package struct PacketFilterChunk: Hashable, Sendable {
    /// What becomes of a chunk.
    package enum Content: Hashable, Sendable {
        /// It is replaced by these rules; no rules are allowed too.
        case rules([FilterRule])
        /// It is replaced by rules that were written before, as one JSON array.
        case encoded([UInt8])
        /// It is deleted.
        case deleted
    }

    /// Any text; `*` stands for all chunks and can only be deleted.
    package var name: String
    /// What becomes of it.
    package var content: Content

    /// The chunk `name` with new content.
    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }

    /// Deletes all chunks; must be in a message of its own or with the chunks that replace them.
    package static let deleteAll = PacketFilterChunk(name: "*", content: .deleted)
}

extension PacketFilterChunk.Content: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = try reader.list(max: WireLimits.serverListMax).map(Self.rules) ?? .deleted
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .rules(let rules): writer.array(rules)
        case .encoded(let json): writer.raw(json)
        case .deleted: writer.null()
        }
    }
}
