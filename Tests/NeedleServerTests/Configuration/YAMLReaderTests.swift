// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleTesting
import Testing

@testable import NeedleServer

@Suite struct YAMLReaderTests {
    @Test("a tree keeps the text, the kinds and the lines")
    func tree() throws {
        let node = try YAMLReader.read("a: 0770\nb:\n  - yes\n  - 'null'\nc: ~\n")
        guard case .mapping(let entries) = node.content else { return #expect(Bool(false)) }
        #expect(entries.map(\.key) == ["a", "b", "c"])
        #expect(entries.map(\.line) == [1, 2, 5])
        #expect(entries[0].value.content == .text("0770"))
        #expect(
            entries[1].value.content
                == .list([YAMLNode(content: .text("yes"), line: 3), YAMLNode(content: .text("null"), line: 4)])
        )
        #expect(entries[2].value.content == .null)
    }

    @Test("aliases stand for what they name")
    func aliases() throws {
        let node = try YAMLReader.read("a: &x [1, 2]\nb: *x")
        guard case .mapping(let entries) = node.content else { return #expect(Bool(false)) }
        #expect(entries[0].value.content == entries[1].value.content)
    }

    @Test(
        "broken YAML names its line",
        arguments: [
            ("a: 1\nb: [1, 2\nc: 3", 3), ("a: 'x\n", 2), ("a: 1\n  b: 2", 2), ("a: *nothing", 1), ("\ta: 1", 1),
            ("a: 1\na: 2", 2), ("a: 1\n---\nb: 2", 2), ("? [x]\n: 1", 1), ("a: b: c", 1), ("%FOO 9\n--- {", 2),
        ]
    )
    func brokenYAML(_ text: String, _ line: Int) {
        let error = #expect(throws: YAMLReadingError.self) { _ = try YAMLReader.read(text) }
        #expect(error?.line.map { abs($0 - line) <= 1 } ?? false, "\(String(describing: error))")
        #expect(error?.problem.isEmpty == false)
    }

    /// Each level holds the one before three times.
    private static func bomb(levels: Int, copies: Int, asKey: Bool) -> String {
        var text = "l0: &l0 [x, x, x]\n"
        for level in 1...levels {
            text +=
                "l\(level): &l\(level) [\(Array(repeating: "*l\(level - 1)", count: copies).joined(separator: ", "))]\n"
        }
        return asKey ? text + "? *l\(levels)\n: 1\n" : text
    }

    @Test("aliases of aliases are refused at once", arguments: [(30, 2), (9, 9), (60, 1)], [true, false])
    func aliasBomb(_ size: (Int, Int), _ asKey: Bool) {
        let text = Self.bomb(levels: size.0, copies: size.1, asKey: asKey)
        let error = #expect(throws: YAMLReadingError.self) { _ = try YAMLReader.read(text) }
        #expect(error?.problem.contains("aliases") == true)
        #expect(refused(text).count == 1)
    }

    @Test("the most that aliases may repeat is refused by the number of values")
    func aliasesOfLongLists() {
        let list = Array(repeating: "x", count: 5000).joined(separator: ",")
        let error = #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read("a: &a [\(list)]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]")
        }
        #expect(error?.problem.contains("expanded") == true)
    }

    @Test("asterisks in comments, texts and patterns are no aliases")
    func asterisks() throws {
        let comment = String(repeating: "# *emphasis* here *and* there\n", count: 40)
        _ = try YAMLReader.read(comment + "a: 'x * y'\nb: ['*.example.com']")
        #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read("a: &x 1\n" + (0..<20).map { "b\($0): *x" }.joined(separator: "\n"))
        }
        #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read(
                "# comment\u{2028}a: &x 1\n#\u{85}b: [" + Array(repeating: "*x", count: 17).joined(separator: ",") + "]"
            )
        }
    }

    @Test("deep nesting is refused, not followed", arguments: [33, 500, 999, 1001, 50000])
    func deep(_ depth: Int) {
        let flow = String(repeating: "[", count: depth)
        #expect(throws: YAMLReadingError.self) { _ = try YAMLReader.read(flow) }
        #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read(flow + String(repeating: "]", count: depth))
        }
        #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read(String(repeating: "- ", count: depth) + "x")
        }
        #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read(
                String(repeating: "{a: ", count: depth) + "x" + String(repeating: "}", count: depth)
            )
        }
        #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read(String(repeating: "? ", count: depth) + "x")
        }
    }

    @Test("deep nesting is refused on a thread with a small stack too")
    func deepOnSmallStack() {
        let text = String(repeating: "{a: ", count: 990) + "x" + String(repeating: "}", count: 990)
        let finished = DispatchSemaphore(value: 0)
        let thread = Thread {
            #expect(throws: YAMLReadingError.self) { _ = try YAMLReader.read(text) }
            finished.signal()
        }
        thread.stackSize = 256 * 1024
        thread.start()
        finished.wait()
    }

    @Test("thirty-one levels are read")
    func notTooDeep() throws {
        _ = try YAMLReader.read(String(repeating: "[", count: 31) + String(repeating: "]", count: 31))
    }

    @Test("a huge text is refused")
    func huge() {
        let error = #expect(throws: YAMLReadingError.self) {
            _ = try YAMLReader.read(String(repeating: "# padding\n", count: 30000))
        }
        #expect(error?.problem.contains("longer") == true)
        #expect(throws: YAMLReadingError.self) { _ = try YAMLReader.read("a: \0") }
    }

    @Test(
        "control characters, tags, directives and odd escapes never trap",
        arguments: [
            "\u{1}", "a: \u{7f}", "\u{FEFF}a: 1", "a: \"\\xZZ\"", "a: \"\\uD800\"", "a: \"\\U0011FFFF\"", "!!binary x",
            "a: !!int [", "%YAML 9.9\n---\na", "a: !<tag:x> y", "&a [*a]", "&a {b: *a}", "<<: *x", "a: &a\nb: *a",
            "...",
            "---\n...\n---\n", "a: |\n\t", "a: >-\n", "\r\r\n", "!", "&", "*", "?", ":", "-", "[", "{", "]", "@", "`",
            "%",
            "a: \"\\", "'", "\"", "!!", "!<", "? \n? \n", "- - - :", "{?}", "{:}", "[:]", "{a, b: }", "a: 1e999", "=",
        ]
    )
    func oddText(_ text: String) {
        _ = try? YAMLReader.read(text)
        _ = findings(text)
    }

    @Test("random damage to a good file never traps", arguments: 0..<16)
    func mutations(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let original = Array(ConfigurationFixtures.everything.utf8)
        let alphabet = Array("[]{}:,-#&*!|>'\"%@`?<=~\\ \n\t\r.0aZ\u{85}\u{2028}é".unicodeScalars)
        for _ in 0..<50 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...3, using: &random))
                let scalars = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
                    alphabet.randomElement(using: &random)
                }
                bytes.replaceSubrange(start..<end, with: scalars.flatMap { Array(String($0).utf8) })
                if Bool.random(using: &random), seed % 4 == 0 { bytes.removeLast(bytes.count / 3) }
                guard !bytes.isEmpty else { break }
            }
            let report = ConfigurationReport(findings: findings(String(decoding: bytes, as: UTF8.self)))
            #expect(report.lines().count == report.entries.count)
        }
    }

    @Test("random text never traps", arguments: 0..<20)
    func randomText(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(1000 + seed))
        for _ in 0..<60 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 1...255, using: &random)
            }
            _ = try? YAMLReader.read(String(decoding: bytes, as: UTF8.self))
            let structural = (0..<Int.random(in: 0...80, using: &random)).compactMap { _ in
                "[]{}:,-#&*!|>'\"? \n\tab1".randomElement(using: &random)
            }
            _ = try? YAMLReader.read(String(structural))
        }
    }
}
