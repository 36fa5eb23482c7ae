// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import Testing

@testable import HuJSON

@Suite struct HuJSONFormatterTests {
    private func format(_ text: String) throws -> String {
        String(decoding: HuJSONFormatter.format(try HuJSONDocument(text)), as: UTF8.self)
    }

    @Test(
        "keeps in one line what is and fits",
        arguments: [
            ("{}", "{}"), ("[ ]", "[]"), ("[\n]", "[]"), ("[1,2 , 3]", "[1, 2, 3]"), ("[1,2,]", "[1, 2]"),
            (#"{"a":1,"b":[{"c":2}]}"#, #"{"a": 1, "b": [{"c": 2}]}"#),
            ("[/*a*/1/*b*/,/*c*/2/*d*/]", "[/*a*/ 1 /*b*/, /*c*/ 2 /*d*/]"),
            ("{ /* none */ }", "{/* none */}"), ("  1  ", "1"), ("\u{feff}[]", "[]"),
            ("/* x */ 1 /* y */", "/* x */ 1 /* y */"),
            ("[1, 2 /* b */, /* c */]", "[1, 2 /* b */ /* c */]"),
            (#"{"a" /*1*/ : /*2*/ 3}"#, #"{"a": /*1*/ /*2*/ 3}"#),
        ]
    )
    func oneLine(text: String, expected: String) throws {
        #expect(try format(text) == expected + "\n")
    }

    @Test("spreads out what has line breaks or is too long, with a comma at the end")
    func spreading() throws {
        #expect(try format("[1,\n2] // x") == "[\n\t1,\n\t2,\n] // x\n")
        #expect(try format("{\"a\": [\n1], \"b\": 2,}") == "{\n\t\"a\": [\n\t\t1,\n\t],\n\t\"b\": 2,\n}\n")
        let long = Array(repeating: "\"0123456789\"", count: 7).joined(separator: ",")
        let lines = try format("[/**/[\(long)]]").split(separator: "\n")
        #expect(lines.count == 11)
        #expect(lines[2] == "\t\t\"0123456789\",")
    }

    @Test("plain JSON stays plain JSON")
    func plainJSON() throws {
        #expect(try format("{\"a\": [1,\n2]}") == "{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t]\n}\n")
    }

    @Test("puts values of neighbours into one column")
    func columns() throws {
        let text = "{\"a\": 1, // one\n\"long\": 2,\n\n\"apart\": 3,\n// above\n\"b\": [\n4], \"c\": 5}"
        #expect(
            try format(text) == """
                {
                \t"a":    1, // one
                \t"long": 2,

                \t"apart": 3,
                \t// above
                \t"b": [
                \t\t4,
                \t],
                \t"c": 5,
                }

                """
        )
    }

    @Test("comments stay with what they stand at")
    func comments() throws {
        let text = """
            // first

            { // opens
            \r   // above a
               /* before a */ "a": 1 /* one */ , // after a


               "b": // of b
                  2
               // moved
               , "c": [ // empty
               ],
               // last
            } /* end */
            // very end
            """
        #expect(
            try format(text) == """
                // first

                { // opens
                \t// above a
                \t/* before a */ "a": 1 /* one */, // after a

                \t// of b
                \t"b": 2, // moved
                \t"c": [ // empty
                \t],
                \t// last
                } /* end */
                // very end

                """
        )
    }

    @Test("puts the stars of a long comment under one another")
    func blockComments() throws {
        #expect(try format("[\n/* a\n * b\n     * c */\n1]") == "[\n\t/* a\n\t * b\n\t * c */\n\t1,\n]\n")
        #expect(try format("[\n/* a\n b */\n1]") == "[\n\t/* a\n b */\n\t1,\n]\n")
    }

    @Test("strings and numbers stay as they are written")
    func scalars() throws {
        let text = #"["\u00e9\/", 1.50e+3, -0, "// no comment"]"#
        #expect(try format(text) == text + "\n")
    }

    @Test("a value in one line, without comments")
    func line() throws {
        let document = try HuJSONDocument("// x\n{\"a\": [1, // one\n 2,], /* y */ \"b\": {}}")
        #expect(HuJSONFormatter.line(document.root) == #"{"a": [1, 2], "b": {}}"#)
    }

    @Test("finds values by where they begin")
    func offsets() throws {
        let document = try HuJSONDocument(#" {"a": [1, "x"]}"#)
        #expect(document.value(at: 1)?.kind == .object)
        #expect(document.value(at: 7)?.kind == .array)
        #expect(document.value(at: 11)?.string == "x")
        #expect(document.value(at: 0) == nil && document.value(at: 9) == nil && document.value(at: 99) == nil)
    }

    // MARK: - Random texts

    @Test(
        "formatting twice is formatting once, and changes neither values nor comments",
        arguments: 0..<600 as Range<UInt64>
    )
    func stability(seed: UInt64) throws {
        var text = RandomHuJSON(random: SeededRandom(seed: seed))
        text.write()
        let once = try format(text.text)
        let twice = try format(once)
        try #require(once == twice, "seed \(seed)\n\(text.text)")
        let values = try HuJSONDocument(text.text).root.standardJSON
        try #require(try HuJSONDocument(once).root.standardJSON == values, "seed \(seed)\n\(text.text)")
        try #require(Self.comments(in: once) == text.comments.sorted(), "seed \(seed)\n\(text.text)\n\(once)")
        #expect(!once.contains(" \n") && !once.contains("\n\n\n") && once.hasSuffix("\n"), "seed \(seed)\n\(once)")
    }

    /// Comments of random texts are `/*number*/` and `//number`, and strings hold none.
    private static func comments(in text: String) -> [String] {
        text.split { " \n\t,:[]{}\"".contains($0) }.map(String.init).filter { $0.hasPrefix("/") }.sorted()
    }
}

/// Writes random texts with comments in all places.
private struct RandomHuJSON {
    var random: SeededRandom
    private(set) var text = ""
    private(set) var comments: [String] = []

    init(random: SeededRandom) {
        self.random = random
    }

    mutating func write() {
        blank()
        value(depth: 0)
        blank()
    }

    private mutating func value(depth: Int) {
        switch Int.random(in: 0..<(depth > 4 ? 3 : 7), using: &random) {
        case 0: text += "1"
        case 1: text += "null"
        case 2: text += "\"" + String(repeating: "x", count: Int.random(in: 0..<30, using: &random)) + "\""
        case 3, 4: container("[", "]", depth) { _ in }
        default:
            container("{", "}", depth) { writer in
                writer.text += "\"k\(writer.random.next() % 1000)\""
                writer.blank()
                writer.text += ":"
                writer.blank()
            }
        }
    }

    private mutating func container(_ open: String, _ close: String, _ depth: Int, _ name: (inout Self) -> Void) {
        let count = Int.random(in: 0..<5, using: &random)
        text += open
        blank()
        for index in 0..<count {
            name(&self)
            value(depth: depth + 1)
            blank()
            if index < count - 1 || Int.random(in: 0..<3, using: &random) == 0 {
                text += ","
                blank()
            }
        }
        text += close
    }

    /// Blanks, line breaks and comments.
    private mutating func blank() {
        for _ in 0..<3 {
            switch Int.random(in: 0..<14, using: &random) {
            case 0: text += "\n"
            case 1: text += "\n\n\n"
            case 2: text += " \t"
            case 3: comment("/*", "*/")
            case 4: comment("//", "\n")
            case 5: text += "\r\n"
            default: break
            }
        }
    }

    private mutating func comment(_ open: String, _ close: String) {
        let comment = "\(open)\(comments.count)\(close == "\n" ? "" : close)"
        comments.append(comment)
        text += comment + (close == "\n" ? close : "")
    }
}
