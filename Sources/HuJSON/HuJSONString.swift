// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The escapes of JSON strings.
enum HuJSONString {
    /// Decodes what stands between the quotes; half a surrogate pair becomes U+FFFD.
    static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var result = String.UnicodeScalarView()
        var plain = bytes.startIndex
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex else {
                index += 1
                continue
            }
            result.append(contentsOf: String(decoding: bytes[plain..<index], as: UTF8.self).unicodeScalars)
            let (scalar, next) = escape(bytes, at: index + 1)
            result.append(scalar)
            index = next
            plain = next
        }
        result.append(contentsOf: String(decoding: bytes[plain...], as: UTF8.self).unicodeScalars)
        return String(result)
    }

    private static func escape(_ bytes: ArraySlice<UInt8>, at index: Int) -> (scalar: Unicode.Scalar, next: Int) {
        switch bytes[index] {
        case UInt8(ascii: "n"): return ("\n", index + 1)
        case UInt8(ascii: "t"): return ("\t", index + 1)
        case UInt8(ascii: "r"): return ("\r", index + 1)
        case UInt8(ascii: "b"): return ("\u{8}", index + 1)
        case UInt8(ascii: "f"): return ("\u{c}", index + 1)
        case UInt8(ascii: "u"): return unicodeEscape(bytes, at: index + 1)
        default: return (Unicode.Scalar(bytes[index]), index + 1)
        }
    }

    private static func unicodeEscape(
        _ bytes: ArraySlice<UInt8>,
        at index: Int
    ) -> (scalar: Unicode.Scalar, next: Int) {
        guard let first = hex(bytes, at: index) else { return ("\u{fffd}", index) }
        let second = index + 6
        if (0xd800..<0xdc00).contains(first), second + 4 <= bytes.endIndex, bytes[index + 4] == UInt8(ascii: "\\"),
            bytes[index + 5] == UInt8(ascii: "u"), let low = hex(bytes, at: second), (0xdc00..<0xe000).contains(low),
            let scalar = Unicode.Scalar(0x1_0000 + (first - 0xd800) << 10 + (low - 0xdc00))
        {
            return (scalar, second + 4)
        }
        return (Unicode.Scalar(first) ?? "\u{fffd}", index + 4)
    }

    private static func hex(_ bytes: ArraySlice<UInt8>, at index: Int) -> UInt32? {
        guard index + 4 <= bytes.endIndex else { return nil }
        return UInt32(String(decoding: bytes[index..<(index + 4)], as: UTF8.self), radix: 16)
    }
}
