// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Reads a text once, from left to right, with a stack of its own instead of recursion.
struct HuJSONParser {
    /// What may stand next.
    private enum Expectation {
        case value
        case valueOrEnd
        case nameOrEnd
        case colon
        case commaOrEnd
    }

    let limits: HuJSONLimits
    let text: [UInt8]
    private var elements: [HuJSONDocument.Element] = []
    private var open: [Int] = []
    private var index = 0

    init(limits: HuJSONLimits, text: [UInt8]) {
        self.limits = limits
        self.text = text
    }

    mutating func parse() throws(HuJSONError) -> [HuJSONDocument.Element] {
        guard text.count <= limits.bytesMax else {
            throw failure(.tooLarge, at: 0, "the text has \(text.count) bytes; at most \(limits.bytesMax) are read")
        }
        try checkUTF8()
        var expectation = Expectation.value
        repeat {
            try skipBlank()
            expectation = try step(expectation)
        } while !open.isEmpty
        try skipBlank()
        guard index == text.count else {
            throw failure(.trailingContent, at: index, "expected the end of the text after the value")
        }
        return elements
    }

    /// Reads one token and says what may follow it.
    private mutating func step(_ expectation: Expectation) throws(HuJSONError) -> Expectation {
        guard index < text.count else { throw unexpectedEnd() }
        let byte = text[index]
        switch expectation {
        case .colon:
            guard byte == UInt8(ascii: ":") else { throw unexpected("':' after a member's name") }
            index += 1
            return .value
        case .commaOrEnd:
            if byte == UInt8(ascii: ",") {
                index += 1
                return isObjectOpen ? .nameOrEnd : .valueOrEnd
            }
            guard close(byte) else { throw unexpected(isObjectOpen ? "',' or '}'" : "',' or ']'") }
            return .commaOrEnd
        case .nameOrEnd:
            if close(byte) { return .commaOrEnd }
            guard byte == UInt8(ascii: "\"") else { throw unexpected("a member's name in quotes, or '}'") }
            try readString()
            return .colon
        case .valueOrEnd:
            if close(byte) { return .commaOrEnd }
            return try readValue(byte)
        case .value:
            return try readValue(byte)
        }
    }

    private var isObjectOpen: Bool { open.last.map { elements[$0].kind == .object } ?? false }

    /// Ends the innermost array or object if `byte` is its bracket.
    private mutating func close(_ byte: UInt8) -> Bool {
        guard let innermost = open.last,
            byte == (elements[innermost].kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        else { return false }
        index += 1
        open.removeLast()
        elements[innermost].end = Int32(index)
        elements[innermost].next = Int32(elements.count)
        return true
    }

    private mutating func readValue(_ byte: UInt8) throws(HuJSONError) -> Expectation {
        switch byte {
        case UInt8(ascii: "{"):
            try enter(.object)
            return .nameOrEnd
        case UInt8(ascii: "["):
            try enter(.array)
            return .valueOrEnd
        case UInt8(ascii: "\""):
            try readString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try readNumber()
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            try readLiteral()
        default:
            throw unexpected("a value")
        }
        return .commaOrEnd
    }

    private mutating func enter(_ kind: HuJSONValue.Kind) throws(HuJSONError) {
        guard open.count < limits.depthMax else {
            throw failure(.tooDeep, at: index, "more than \(limits.depthMax) brackets inside one another")
        }
        open.append(elements.count)
        append(kind, from: index)
        index += 1
    }

    private mutating func append(_ kind: HuJSONValue.Kind, from start: Int, isEscaped: Bool = false) {
        elements.append(
            HuJSONDocument.Element(
                kind: kind,
                isEscaped: isEscaped,
                start: Int32(start),
                end: Int32(index),
                next: Int32(elements.count + 1)
            )
        )
    }

    // MARK: - Scalars

    private mutating func readString() throws(HuJSONError) {
        let start = index
        var isEscaped = false
        index += 1
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""):
                index += 1
                append(.string, from: start, isEscaped: isEscaped)
                return
            case UInt8(ascii: "\\"):
                isEscaped = true
                try skipEscape()
            case 0..<0x20:
                throw failure(.controlCharacter, at: index, "a string must not hold line breaks or control characters")
            default:
                index += 1
            }
        }
        throw unexpectedEnd("the string that begins here has no end", at: start)
    }

    private mutating func skipEscape() throws(HuJSONError) {
        guard index + 1 < text.count else { throw unexpectedEnd() }
        switch text[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 2
        case UInt8(ascii: "u"):
            guard index + 6 <= text.count, text[(index + 2)..<(index + 6)].allSatisfy(isHexDigit) else {
                throw failure(.invalidEscape, at: index, "\\u needs four hexadecimal digits")
            }
            index += 6
        default:
            throw failure(.invalidEscape, at: index, "JSON knows no such escape; a backslash itself is written \\\\")
        }
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func readNumber() throws(HuJSONError) {
        let start = index
        if text[index] == UInt8(ascii: "-") { index += 1 }
        let leading = index
        var isValid = skipDigits()
        if isValid, text[leading] == UInt8(ascii: "0"), index > leading + 1 { isValid = false }
        if isValid, index < text.count, text[index] == UInt8(ascii: ".") {
            index += 1
            isValid = skipDigits()
        }
        if isValid, index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") { index += 1 }
            isValid = skipDigits()
        }
        guard isValid else { throw failure(.invalidNumber, at: start, "not a number as JSON writes them") }
        append(.number, from: start)
    }

    private mutating func skipDigits() -> Bool {
        let start = index
        while index < text.count, isDigit(text[index]) { index += 1 }
        return index > start
    }

    private mutating func readLiteral() throws(HuJSONError) {
        let start = index
        while index < text.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(text[index] | 0x20) { index += 1 }
        switch String(decoding: text[start..<index].prefix(6), as: UTF8.self) {
        case "true", "false": append(.bool, from: start)
        case "null": append(.null, from: start)
        default: throw failure(.invalidLiteral, at: start, "expected a value; text belongs in double quotes")
        }
    }

    // MARK: - Blanks and comments

    private mutating func skipBlank() throws(HuJSONError) {
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                index += 1
            case UInt8(ascii: "/"):
                try skipComment()
            case 0xef where index == 0 && text.starts(with: [0xef, 0xbb, 0xbf]):
                index += 3
            default:
                return
            }
        }
    }

    private mutating func skipComment() throws(HuJSONError) {
        let start = index
        let second = index + 1 < text.count ? text[index + 1] : 0
        if second == UInt8(ascii: "/") {
            while index < text.count, text[index] != UInt8(ascii: "\n") { index += 1 }
            return
        }
        guard second == UInt8(ascii: "*") else { throw unexpected("a value or a comment") }
        index += 2
        while index + 1 < text.count {
            if text[index] == UInt8(ascii: "*"), text[index + 1] == UInt8(ascii: "/") {
                index += 2
                return
            }
            index += 1
        }
        throw failure(.unterminatedComment, at: start, "the comment that begins here has no end")
    }

    private func checkUTF8() throws(HuJSONError) {
        guard String(validating: text, as: UTF8.self) == nil else { return }
        var decoder = UTF8()
        var iterator = text.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        throw failure(.invalidUTF8, at: offset, "the text is not UTF-8")
    }

    // MARK: - Failures

    @inline(never)
    private func failure(_ code: HuJSONError.Code, at offset: Int, _ message: String) -> HuJSONError {
        HuJSONError(code: code, position: HuJSONPosition(offset: offset, in: text), message: message)
    }

    @inline(never)
    private func unexpected(_ expected: String) -> HuJSONError {
        failure(.unexpectedCharacter, at: index, "expected \(expected)")
    }

    @inline(never)
    private func unexpectedEnd(_ message: String = "the text ends too early", at offset: Int? = nil) -> HuJSONError {
        failure(.unexpectedEnd, at: offset ?? text.count, message)
    }
}
