// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension String: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self = try reader.string() }
    package func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self = try reader.boolean() }
    package func write(to writer: inout JSONWriter) { writer.boolean(self) }
}

extension Int: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self = try reader.integer() }
    package func write(to writer: inout JSONWriter) { writer.integer(self) }
}

extension Int64: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self = try reader.integer() }
    package func write(to writer: inout JSONWriter) { writer.integer(self) }
}

extension UInt16: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self = try reader.integer() }
    package func write(to writer: inout JSONWriter) { writer.integer(self) }
}

extension Double: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self = try reader.double() }
    package func write(to writer: inout JSONWriter) { writer.double(self) }
}

extension Identifier: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self.init(try reader.integer(Int64.self)) }
    package func write(to writer: inout JSONWriter) { writer.integer(value) }
}

extension CapabilityVersion: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) { self.init(try reader.integer(Int.self)) }
    package func write(to writer: inout JSONWriter) { writer.integer(value) }
}

extension Timestamp: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = try reader.converted("an RFC 3339 time") { Timestamp(rfc3339: $0) }
    }

    package func write(to writer: inout JSONWriter) { writer.quoted { append(to: &$0) } }
}

extension PublicKey: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = try reader.converted("\(Role.prefix) and 64 hex digits") { PublicKey(text: $0) }
    }

    package func write(to writer: inout JSONWriter) { writer.key(self) }
}

extension IPAddress: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = try reader.converted("an IP address") { IPAddress(text: $0) }
    }

    package func write(to writer: inout JSONWriter) { writer.quoted { append(to: &$0) } }
}

extension IPPrefix: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = try reader.converted("address/length") { IPPrefix(text: $0) }
    }

    package func write(to writer: inout JSONWriter) { writer.prefix(self) }
}

extension Endpoint: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = try reader.converted("address:port") { Endpoint(text: $0) }
    }

    package func write(to writer: inout JSONWriter) { writer.endpoint(self) }
}
