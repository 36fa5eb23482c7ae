// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Addresses and ports that a packet filter lets packets go to.
///
/// `Bits` is never written: a client that sees it drops the whole filter (reference: protocol trap 13).
package struct NetPortRange: Hashable, Sendable {
    /// An address, a prefix without host bits, a range `a-b`, or `*`; never absent.
    package var ip = ""
    /// The ports; absent means port 0 alone.
    package var ports = PortRange()

    /// What is not given is left at the value that stands for "absent".
    package init(ip: String = "", ports: PortRange = PortRange()) {
        self.ip = ip
        self.ports = ports
    }
}

extension NetPortRange: JSONCoded {
    private enum Field: String, JSONField {
        case ip = "IP"
        case ports = "Ports"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .ip: ip = try reader.shortText()
            case .ports: ports = try reader.value() ?? PortRange()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        Self.write(ip, ports, to: &writer)
    }

    /// Writes one without making it first: a full map has a thousand of them.
    package static func write(_ ip: String, _ ports: PortRange, to writer: inout JSONWriter) {
        writer.raw(#"{"IP":"#)
        writer.string(ip)
        writer.raw(#","Ports":{"First":"#)
        writer.integer(ports.first)
        writer.raw(#","Last":"#)
        writer.integer(ports.last)
        writer.raw("}}")
    }
}
