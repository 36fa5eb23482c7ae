// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A DNS server.
package struct Resolver: Hashable, Sendable {
    /// `ip`, `ip:port`, an `https://` URL, or `http://node:port/path`.
    package var addr = ""
    /// Addresses of the name in ``addr``; absent means the system is asked.
    package var bootstrapResolution: [IPAddress] = []
    /// Whether to use it with an exit node too (capver 125); absent means no.
    package var useWithExitNode = false

    /// What is not given is left at the value that stands for "absent".
    package init(addr: String = "", bootstrapResolution: [IPAddress] = [], useWithExitNode: Bool = false) {
        self.addr = addr
        self.bootstrapResolution = bootstrapResolution
        self.useWithExitNode = useWithExitNode
    }
}

extension Resolver: JSONCoded {
    private enum Field: String, JSONField {
        case addr = "Addr"
        case bootstrapResolution = "BootstrapResolution"
        case useWithExitNode = "UseWithExitNode"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .addr: addr = try reader.value() ?? ""
            case .bootstrapResolution: bootstrapResolution = try reader.list(max: WireLimits.serverListMax) ?? []
            case .useWithExitNode: useWithExitNode = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Addr", addr)
        writer.field("BootstrapResolution", ifNotEmpty: bootstrapResolution)
        writer.field("UseWithExitNode", ifTrue: useWithExitNode)
        writer.endObject()
    }
}
