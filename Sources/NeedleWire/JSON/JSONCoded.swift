// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Something that writes itself as JSON.
package protocol JSONWritable {
    /// Appends this value, complete and without white space.
    func write(to writer: inout JSONWriter)
}

extension JSONWritable {
    /// This value as JSON in UTF-8.
    package var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

/// Something that can be read from JSON.
package protocol JSONReadable {
    /// Reads one value that is not null, and leaves `reader` behind it.
    init(from reader: inout JSONReader) throws(WireError)

    /// How keys are compared when a message of this type is read.
    static var keyMatching: JSONReader.KeyMatching { get }
}

extension JSONReadable {
    package static var keyMatching: JSONReader.KeyMatching { .anyCase }

    /// Reads a whole message; nothing but white space may follow it.
    package static func decode(_ json: some Collection<UInt8>) throws(WireError) -> Self {
        var reader = try JSONReader(Array(json), keys: keyMatching)
        let value = try Self(from: &reader)
        try reader.end()
        return value
    }
}

/// Something that goes both ways.
package typealias JSONCoded = JSONReadable & JSONWritable
