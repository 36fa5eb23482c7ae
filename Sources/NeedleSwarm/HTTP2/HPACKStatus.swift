// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Reads the status from a response's header block, and nothing else.
///
/// Pseudo-header fields come first, so the status is the first field. This client grants no dynamic table, so the field
/// is either in the static table or spelt out.
///
/// - Source: RFC 9113, section 8.3; RFC 7541, section 6 and appendices A and B.
enum HPACKStatus {
    /// The static table's entries for `:status`, from index 8 on.
    private static let indexed = [200, 204, 206, 304, 400, 404, 500]
    private static let firstIndex: UInt8 = 8

    /// The status; nothing if the block begins with anything else.
    static func decode(_ block: some Collection<UInt8>) -> Int? {
        // Sizes of the dynamic table (001xxxxx, continued while the first byte is full) may come before all fields.
        var rest = block[...]
        while let byte = rest.first, byte & 0xe0 == 0x20 {
            rest = rest.dropFirst()
            if byte == 0x3f {
                rest = rest.drop { $0 & 0x80 != 0 }.dropFirst()
            }
        }
        guard let first = rest.first else { return nil }
        if first & 0x80 != 0 {
            let index = first & 0x7f
            guard index >= firstIndex, Int(index - firstIndex) < indexed.count else { return nil }
            return indexed[Int(index - firstIndex)]
        }
        // A literal: 01xxxxxx with indexing, 0000xxxx without, 0001xxxx never.
        let index = first & 0x40 != 0 ? first & 0x3f : first & 0x0f
        guard index >= firstIndex, Int(index - firstIndex) < indexed.count else { return nil }
        return value(rest.dropFirst())
    }

    /// Three digits, plain or in the Huffman code.
    private static func value(_ bytes: some Collection<UInt8>) -> Int? {
        guard let length = bytes.first else { return nil }
        let count = Int(length & 0x7f)
        let text = Array(bytes.dropFirst().prefix(count))
        guard text.count == count, count <= 4 else { return nil }
        let digits = length & 0x80 == 0 ? text : huffmanDigits(text)
        guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// Digits have codes of five bits (0 to 2: 00000 to 00010) and six (3 to 9: 011001 to 011111).
    private static func huffmanDigits(_ bytes: [UInt8]) -> [UInt8] {
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        func number(_ range: Range<Int>) -> UInt8? {
            range.upperBound <= bits.count ? bits[range].reduce(0) { $0 << 1 | $1 } : nil
        }
        var digits: [UInt8] = []
        var position = 0
        while digits.count < 3 {
            if let short = number(position..<position + 5), short <= 2 {
                digits.append(UInt8(ascii: "0") + short)
                position += 5
            } else if let long = number(position..<position + 6), (0x19...0x1f).contains(long) {
                digits.append(UInt8(ascii: "3") + long - 0x19)
                position += 6
            } else {
                return []
            }
        }
        // What remains is padding: fewer than eight ones.
        let padding = bits[position...]
        return padding.count < 8 && padding.allSatisfy { $0 == 1 } ? digits : []
    }
}
