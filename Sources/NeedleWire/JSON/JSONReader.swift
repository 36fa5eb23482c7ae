// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Reads JSON one value at a time, as Go's decoder would take it.
///
/// Null leaves a value as it was, keys that nobody asks for are skipped, of keys that come twice the last one counts.
/// Nothing recurses deeper than ``WireLimits/depthMax``, and nothing is allocated from a number in the text.
package struct JSONReader {
    /// How keys are compared with the names of fields.
    package enum KeyMatching: Sendable {
        /// As Go does; the Rust client relies on it (`HostInfo`, `PreferredDerp`).
        case anyCase
        /// Letter by letter, so that tests notice a wrong spelling of ours.
        case exact
    }

    /// One object or array that is being read, for the path in errors.
    private struct Frame {
        /// The key being read, as a range of bytes between quotes; unused in arrays.
        var key: Range<Int> = 0..<0
        /// How many keys or elements were begun.
        var count = 0
        let isArray: Bool
    }

    private let bytes: [UInt8]
    private let keys: KeyMatching
    private var position = 0
    private var frames: [Frame] = []

    /// Starts reading `bytes`, which must be valid UTF-8 throughout.
    package init(_ bytes: [UInt8], keys: KeyMatching) throws(WireError) {
        self.bytes = bytes
        self.keys = keys
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw WireError(.malformed, message: "the text is not valid UTF-8")
        }
    }

    /// Checks that nothing but white space is left.
    package mutating func end() throws(WireError) {
        skipWhiteSpace()
        guard position == bytes.count else { throw failure(.malformed, "expected the end of the message") }
    }

    /// An error at the place that was reached.
    package func failure(_ code: WireError.Code, _ message: String) -> WireError {
        var path = ""
        for frame in frames where frame.count > 0 {
            if frame.isArray {
                path += "[\(frame.count - 1)]"
            } else {
                path += (path.isEmpty ? "" : ".") + String(decoding: bytes[frame.key].prefix(64), as: UTF8.self)
            }
        }
        return WireError(code, path: path, message: message)
    }

    // MARK: - Objects and arrays

    /// Enters an object; then call ``nextField(of:)`` or ``nextKey()`` until it gives nothing.
    package mutating func beginObject() throws(WireError) {
        try enter(UInt8(ascii: "{"), expected: "an object", isArray: false)
    }

    /// Enters an array; then call ``nextElement()`` until it gives false.
    package mutating func beginArray() throws(WireError) {
        try enter(UInt8(ascii: "["), expected: "an array", isArray: true)
    }

    /// Goes to the next key that `Field` knows, skipping others; leaves the object at its end.
    package mutating func nextField<Field: JSONField>(of _: Field.Type = Field.self) throws(WireError) -> Field? {
        while let (key, escaped) = try nextKeyRange() {
            let name = escaped ? try unescape(key)[...] : bytes[key]
            if let field = Field.table.field(named: name, matching: keys) { return field }
            try skip()
        }
        return nil
    }

    /// Goes to the next key; leaves the object at its end.
    package mutating func nextKey() throws(WireError) -> String? {
        guard let (key, escaped) = try nextKeyRange() else { return nil }
        return try text(key, escaped: escaped, max: WireLimits.stringBytesMax)
    }

    /// Goes to the next element; leaves the array at its end.
    package mutating func nextElement() throws(WireError) -> Bool {
        try advance(closing: UInt8(ascii: "]"))
    }

    private mutating func enter(_ bracket: UInt8, expected: String, isArray: Bool) throws(WireError) {
        guard try peek() == bracket else { throw failure(.wrongType, "expected \(expected)") }
        guard frames.count < WireLimits.depthMax else {
            throw failure(.limitExceeded, "nested deeper than \(WireLimits.depthMax) levels")
        }
        position += 1
        frames.append(Frame(isArray: isArray))
    }

    private mutating func advance(closing bracket: UInt8) throws(WireError) -> Bool {
        let next = try peek()
        let top = frames.count - 1
        if next == bracket {
            position += 1
            frames.removeLast()
            return false
        }
        if frames[top].count > 0 {
            guard next == UInt8(ascii: ",") else { throw failure(.malformed, "expected a comma") }
            position += 1
        }
        frames[top].count += 1
        return true
    }

    private mutating func nextKeyRange() throws(WireError) -> (Range<Int>, Bool)? {
        guard try advance(closing: UInt8(ascii: "}")) else { return nil }
        guard try peek() == UInt8(ascii: "\"") else { throw failure(.malformed, "expected a key") }
        let (key, escaped) = try scanString()
        frames[frames.count - 1].key = key
        guard try peek() == UInt8(ascii: ":") else { throw failure(.malformed, "expected a colon") }
        position += 1
        return (key, escaped)
    }

    // MARK: - Values

    /// Takes a null, if there is one here.
    package mutating func null() throws(WireError) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// Reads a string of at most `max` bytes.
    package mutating func string(max: Int = WireLimits.stringBytesMax) throws(WireError) -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw failure(.wrongType, "expected a string") }
        let (range, escaped) = try scanString()
        return try text(range, escaped: escaped, max: max)
    }

    /// Reads `true` or `false`.
    package mutating func boolean() throws(WireError) -> Bool {
        switch try peek() {
        case UInt8(ascii: "t"):
            try literal("true")
            return true
        case UInt8(ascii: "f"):
            try literal("false")
            return false
        default: throw failure(.wrongType, "expected true or false")
        }
    }

    /// Reads a whole number that fits `Number`; a fraction or an exponent is refused, as Go does.
    package mutating func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(WireError) -> Number {
        let range = try scanNumber()
        var digits = bytes[range]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits.removeFirst() }
        var value: Number = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                throw failure(.wrongType, "expected a whole number")
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Number(byte - UInt8(ascii: "0"))
            let (sum, carry) =
                negative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !overflow, !carry else {
                throw failure(.invalidValue, "expected a number from \(Number.min) to \(Number.max)")
            }
            value = sum
        }
        return value
    }

    /// Reads a finite number.
    package mutating func double() throws(WireError) -> Double {
        let range = try scanNumber()
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value.isFinite else {
            throw failure(.invalidValue, "expected a number that fits a 64-bit float")
        }
        return value
    }

    /// Reads any one value and gives its text.
    package mutating func rawBytes() throws(WireError) -> [UInt8] {
        _ = try peek()
        let start = position
        try skip()
        return Array(bytes[start..<position])
    }

    /// Passes over any one value.
    package mutating func skip() throws(WireError) {
        switch try peek() {
        case UInt8(ascii: "{"):
            try beginObject()
            while try nextKeyRange() != nil { try skip() }
        case UInt8(ascii: "["):
            try beginArray()
            while try nextElement() { try skip() }
        case UInt8(ascii: "\""): _ = try scanString()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try scanNumber()
        }
    }

    // MARK: - Tokens

    private mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private mutating func peek() throws(WireError) -> UInt8 {
        skipWhiteSpace()
        guard position < bytes.count else { throw failure(.malformed, "the message is cut off") }
        return bytes[position]
    }

    private mutating func literal(_ text: StaticString) throws(WireError) {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count, text.withUTF8Buffer({ $0.elementsEqual(bytes[position..<end]) }) else {
            throw failure(.malformed, "expected \(text)")
        }
        position = end
    }

    /// Passes over a string and gives what stands between its quotes, and whether that holds escapes.
    private mutating func scanString() throws(WireError) -> (Range<Int>, Bool) {
        position += 1
        let start = position
        var escaped = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return (start..<position - 1, escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                try scanEscape()
            case 0..<0x20: throw failure(.malformed, "a control character stands in a string")
            default: position += 1
            }
        }
        throw failure(.malformed, "the message is cut off inside a string")
    }

    private mutating func scanEscape() throws(WireError) {
        let digits = bytes.dropFirst(position + 1).prefix(5)
        switch digits.first {
        case UInt8(ascii: "u"):
            guard digits.count == 5, digits.dropFirst().allSatisfy({ Self.hexDigit($0) != nil }) else {
                throw failure(.malformed, "a \\u escape lacks digits")
            }
            position += 6
        case let byte? where Self.simpleEscape(byte) != nil: position += 2
        default: throw failure(.malformed, "a string holds an unknown escape")
        }
    }

    private mutating func scanNumber() throws(WireError) -> Range<Int> {
        let start = position
        func at(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }
        func digits(from index: Int) -> Int {
            var end = index
            while let byte = at(end), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { end += 1 }
            return end
        }
        let whole = at(start) == UInt8(ascii: "-") ? start + 1 : start
        var end = digits(from: whole)
        guard end > whole else { throw failure(.wrongType, "expected a number") }
        guard at(whole) != UInt8(ascii: "0") || end == whole + 1 else {
            throw failure(.malformed, "a number begins with 0")
        }
        if at(end) == UInt8(ascii: ".") {
            let fraction = digits(from: end + 1)
            guard fraction > end + 1 else { throw failure(.malformed, "a number ends with its point") }
            end = fraction
        }
        if at(end) == UInt8(ascii: "e") || at(end) == UInt8(ascii: "E") {
            let signed = at(end + 1) == UInt8(ascii: "+") || at(end + 1) == UInt8(ascii: "-")
            let exponent = digits(from: end + (signed ? 2 : 1))
            guard exponent > end + (signed ? 2 : 1) else { throw failure(.malformed, "a number lacks its exponent") }
            end = exponent
        }
        guard end - start <= WireLimits.numberBytesMax else {
            throw failure(.limitExceeded, "a number is longer than \(WireLimits.numberBytesMax) bytes")
        }
        position = end
        return start..<end
    }

    // MARK: - Text

    private func text(_ range: Range<Int>, escaped: Bool, max: Int) throws(WireError) -> String {
        guard range.count <= max else { throw failure(.limitExceeded, "longer than \(max) bytes") }
        return String(decoding: escaped ? try unescape(range)[...] : bytes[range], as: UTF8.self)
    }

    /// Replaces escapes, which were checked when the string was scanned; half of a surrogate pair is refused.
    private func unescape(_ range: Range<Int>) throws(WireError) -> [UInt8] {
        var text: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            if let plain = Self.simpleEscape(bytes[index + 1]) {
                text.append(plain)
                index += 2
                continue
            }
            var code = codeUnit(at: index)
            index += 6
            if code >> 10 == 0xd800 >> 10, index < range.upperBound, bytes[index] == UInt8(ascii: "\\"),
                bytes[index + 1] == UInt8(ascii: "u"), codeUnit(at: index) >> 10 == 0xdc00 >> 10
            {
                code = 0x10000 + (code & 0x3ff) << 10 + (codeUnit(at: index) & 0x3ff)
                index += 6
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw failure(.malformed, "a string holds half of a surrogate pair")
            }
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        return text
    }

    /// The number behind the `\u` at `index`.
    private func codeUnit(at index: Int) -> UInt32 {
        bytes[index + 2..<index + 6].reduce(0) { $0 << 4 | UInt32(Self.hexDigit($1) ?? 0) }
    }

    private static func simpleEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "f"): 12
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "r"): 13
        case UInt8(ascii: "t"): 9
        default: nil
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
