// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import Testing

@testable import HuJSON

@Suite struct HuJSONErrorTests {
    @Test(
        "refuses what is not HuJSON, at its place",
        arguments: [
            ("", .unexpectedEnd, 1, 1), ("{", .unexpectedEnd, 1, 2), ("[1,", .unexpectedEnd, 1, 4),
            ("\"abc", .unexpectedEnd, 1, 1), ("[1 2]", .unexpectedCharacter, 1, 4), ("[,]", .unexpectedCharacter, 1, 2),
            ("{\"a\" 1}", .unexpectedCharacter, 1, 6), ("{a: 1}", .unexpectedCharacter, 1, 2),
            ("{\"a\":1 \"b\":2}", .unexpectedCharacter, 1, 8), ("[1}", .unexpectedCharacter, 1, 3),
            ("{\"a\":1]", .unexpectedCharacter, 1, 7), ("{\"a\":}", .unexpectedCharacter, 1, 6),
            ("{} {}", .trailingContent, 1, 4), ("[01]", .invalidNumber, 1, 2), ("[1.]", .invalidNumber, 1, 2),
            ("[-]", .invalidNumber, 1, 2), ("1e", .invalidNumber, 1, 1), ("nul", .invalidLiteral, 1, 1),
            ("trueish", .invalidLiteral, 1, 1), ("\"a\\x\"", .invalidEscape, 1, 3),
            ("\"\\u12g4\"", .invalidEscape, 1, 2),
            ("\"a\nb\"", .controlCharacter, 1, 3), ("\n /* x", .unterminatedComment, 2, 2),
            ("/ 1", .unexpectedCharacter, 1, 1), ("+1", .unexpectedCharacter, 1, 1),
        ] as [(String, HuJSONError.Code, Int, Int)]
    )
    func refusals(text: String, code: HuJSONError.Code, line: Int, column: Int) {
        let error = #expect(throws: HuJSONError.self) { try HuJSONDocument(text) }
        #expect(error?.code == code)
        #expect(error?.position.line == line)
        #expect(error?.position.column == column)
    }

    @Test("refuses bytes that are not UTF-8")
    func invalidUTF8() {
        let error = #expect(throws: HuJSONError.self) { try HuJSONDocument([0x22, 0x61, 0xff, 0x22]) }
        #expect(error?.code == .invalidUTF8)
        #expect(error?.position.offset == 2)
    }

    @Test("answers 100,000 nested brackets with a place instead of overflowing", arguments: ["[", "{\"a\":"])
    func nesting(bracket: String) {
        let text = String(repeating: bracket, count: 100_000)
        let error = #expect(throws: HuJSONError.self) { try HuJSONDocument(text) }
        #expect(error?.code == .tooDeep)
        #expect(error?.position.offset == 256 * bracket.utf8.count)
    }

    @Test("reads as deep as allowed")
    func depth() throws {
        let text = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
        #expect(try HuJSONDocument(text).root.standardJSON == text)
    }

    @Test("refuses a text that is too large")
    func size() {
        let error = #expect(throws: HuJSONError.self) {
            try HuJSONDocument("[1, 2]", limits: HuJSONLimits(bytesMax: 5))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("never traps on random text", arguments: 0..<20 as Range<UInt64>)
    func randomText(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["{", "}", "[", "]", ",", ":", "\"", "\\", "/", "*", "//\n", "1", "-", ".", "e", "true", " ", "é"]
        for _ in 0..<500 {
            let count = Int.random(in: 0..<12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            guard let document = try? HuJSONDocument(text) else { continue }
            let plain = document.root.standardJSON
            #expect((try? HuJSONDocument(plain))?.root.standardJSON == plain, "seed \(seed): \(text)")
        }
    }
}
