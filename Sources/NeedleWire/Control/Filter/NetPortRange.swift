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
        writer.beginObject()
        writer.field("IP", ip)
        writer.field("Ports", ports)
        writer.endObject()
    }
}
