// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One JSON value kept as text, for values that pass through unread, such as those of capabilities.
///
/// Equality is that of the bytes: `[1, 2]` and `[1,2]` differ.
package struct RawJSON: Hashable, Sendable {
    /// The value's UTF-8 text.
    package let bytes: [UInt8]

    /// Takes text that the caller knows to be one complete JSON value.
    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Takes bytes that the caller knows to be one complete JSON value in UTF-8.
    package init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Takes text of unknown origin, and keeps it only if it is one complete JSON value.
    ///
    /// - Throws: ``WireError/Code/malformed``, or ``WireError/Code/limitExceeded`` if it is nested too deeply.
    package init(validating text: String) throws(WireError) {
        self = try RawJSON.decode(Array(text.utf8))
    }

    /// The value as a string.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension RawJSON: CustomStringConvertible {
    package var description: String { text }
}

extension RawJSON: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        bytes = try reader.rawBytes()
    }

    package func write(to writer: inout JSONWriter) {
        writer.raw(bytes)
    }
}

/// Capabilities and their arguments; a name with an empty list is held all the same.
package typealias CapMap = [String: [RawJSON]]
