// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Something that a node serves, such as its PeerAPI.
///
/// Every field is always written: the Rust client needs `Description` to be there.
package struct Service: Hashable, Sendable {
    /// `tcp`, `udp`, `peerapi4`, `peerapi6` or `peerapi-dns-proxy`; unknown texts pass through.
    package var proto = ""
    /// The port, or for `peerapi-dns-proxy` a version number.
    package var port: UInt16 = 0
    /// A text for people, mostly the name of a process.
    package var description = ""

    /// What is not given is left at the value that stands for "absent".
    package init(proto: String = "", port: UInt16 = 0, description: String = "") {
        self.proto = proto
        self.port = port
        self.description = description
    }
}

extension Service: JSONCoded {
    private enum Field: String, JSONField {
        case proto = "Proto"
        case port = "Port"
        case description = "Description"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .proto: proto = try reader.shortText()
            case .port: port = try reader.value() ?? 0
            case .description: description = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Proto", proto)
        writer.field("Port", port)
        writer.field("Description", description)
        writer.endObject()
    }
}
