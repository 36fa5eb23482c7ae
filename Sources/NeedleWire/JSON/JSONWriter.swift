// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Writes compact JSON straight into bytes.
///
/// No slash is escaped and text beyond ASCII stays as it is, since the Rust client borrows strings from the message and
/// cannot borrow one that holds an escape (reference: protocol trap 4).
package struct JSONWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    /// An empty writer with room for a typical node.
    package init(reserving capacity: Int = 512) {
        bytes.reserveCapacity(capacity)
    }

    // MARK: - Objects and arrays

    /// Opens an object.
    package mutating func beginObject() {
        bytes.append(UInt8(ascii: "{"))
    }

    /// Closes the object opened last.
    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
    }

    /// Opens an array.
    package mutating func beginArray() {
        bytes.append(UInt8(ascii: "["))
    }

    /// Closes the array opened last.
    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
    }

    /// Starts a field; `name` must need no escaping.
    ///
    /// Whether a comma is due shows in the byte before: a complete value never ends with an opening bracket.
    package mutating func field(_ name: StaticString) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Starts a field whose name is data.
    package mutating func field(named name: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Starts an element of an array.
    package mutating func element() {
        if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
    }

    // MARK: - Scalars

    /// Writes a string with its quotes; only quotes, backslashes and control characters are escaped.
    package mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let plain = text.utf8.withContiguousStorageIfAvailable { buffer in
            guard !buffer.contains(where: Self.needsEscape) else { return false }
            bytes.append(contentsOf: buffer)
            return true
        }
        if plain != true {
            for byte in text.utf8 { escape(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a string for people without the characters that would need an escape.
    ///
    /// The Rust client would drop the whole message for one quote in a display name (reference: protocol trap 4).
    package mutating func displayString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8.lazy.filter { !Self.needsEscape($0) })
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a whole number.
    package mutating func integer(_ value: some FixedWidthInteger) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.endIndex
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Writes a number; JSON has none for infinities and "not a number", which become 0.
    package mutating func double(_ value: Double) {
        bytes.append(contentsOf: (value.isFinite ? value : 0).description.utf8)
    }

    /// Writes `true` or `false`.
    package mutating func boolean(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    /// Writes `null`.
    package mutating func null() {
        raw("null")
    }

    // MARK: - Pieces

    /// Writes text that is JSON already.
    package mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Writes bytes that are JSON already.
    package mutating func raw(_ json: some Collection<UInt8>) {
        bytes.append(contentsOf: json)
    }

    /// Writes text between quotes that is known to need no escaping.
    mutating func quoted(_ appendText: (inout [UInt8]) -> Void) {
        bytes.append(UInt8(ascii: "\""))
        appendText(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        guard Self.needsEscape(byte) else { return bytes.append(byte) }
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        default:
            let digits: StaticString = "0123456789abcdef"
            raw("u00")
            digits.withUTF8Buffer {
                bytes.append($0[Int(byte >> 4)])
                bytes.append($0[Int(byte & 15)])
            }
        }
    }
}
