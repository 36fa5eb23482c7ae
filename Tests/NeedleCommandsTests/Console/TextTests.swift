// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedleCommands

@Suite("Text for people")
struct TextTests {
    @Test(
        "durations",
        arguments: [
            ("0", 0), ("1h", 3_600_000), ("90m", 5_400_000), ("30d", 2_592_000_000), ("1h30m", 5_400_000),
            ("1.5h", 5_400_000), ("250ms", 250), ("1w", 604_800_000), ("1y", 31_536_000_000), ("0s", 0), (".5s", 500),
        ]
    )
    func durations(text: String, milliseconds: Int64) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(
        "what is no duration",
        arguments: [
            "", "1", "h", "1 h", "-1h", "1x", "1hh", "1.2.3h", ".", ".h", "1e9h", "inf", "nan", "1h ",
            "999999999999999999y",
            "١h", "1h-30m", "0x10s",
        ]
    )
    func noDuration(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "relative times",
        arguments: [
            (0, "just now"), (-1, "1 second ago"), (59, "in 1 minute"), (30, "in 30 seconds"), (-90, "2 minutes ago"),
            (3599, "in 1 hour"), (3600, "in 1 hour"), (-7200, "2 hours ago"), (86400, "in 1 day"),
            (-86400 * 400, "1 year ago"), (86400 * 90, "in 90 days"),
        ]
    )
    func relative(seconds: Int, text: String) {
        let now = Timestamp(seconds: 1_780_000_000)
        #expect(TimeText.relative(now + .seconds(seconds), to: now) == text)
    }

    @Test("the ends of time do not overflow")
    func ends() {
        let now = Timestamp(seconds: 1_780_000_000)
        #expect(TimeText.relative(.zero, to: now).hasSuffix(" years ago"))
        _ = TimeText.relative(Timestamp(seconds: .max), to: Timestamp(seconds: .min))
        _ = TimeText.relative(Timestamp(seconds: .min), to: now)
    }

    @Test(
        "widths on a terminal",
        arguments: [
            ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2), ("🐦", 2), ("👩‍👩‍👧", 2), ("❤️", 2), ("ｱ", 1),
            ("Ａ", 2),
            ("", 0), ("\u{200b}", 0),
        ]
    )
    func widths(text: String, width: Int) {
        #expect(TerminalText.width(text) == width)
    }

    @Test("control characters do not reach the terminal", arguments: 0..<0x20)
    func controls(value: Int) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(TerminalText.printable("a\(Character(scalar))b") == "a\u{fffd}b")
    }

    @Test("text of several lines keeps its lines")
    func lines() {
        #expect(TerminalText.printableLines("a\n\tb\n") == "a\n\u{fffd}b\n")
    }

    @Test("text that is harmless stays as it is", arguments: ["", "abc äöü 日本 👩‍👩‍👧", "a-b_c.d"])
    func harmless(text: String) {
        #expect(TerminalText.printable(text) == text)
    }

    @Test("colours do not move columns")
    func colouredTable() {
        var table = TextTable("A", "B")
        table.add(.init("日", .good), "x")
        table.add("long", "")
        #expect(table.text(.plain) == "A     B\n日    x\nlong\n")
        #expect(
            table.text(.coloured)
                == "\u{1b}[1mA\u{1b}[0m     \u{1b}[1mB\u{1b}[0m\n\u{1b}[32m日\u{1b}[0m    x\nlong\n"
        )
    }

    @Test(
        "words for a shell",
        arguments: [
            ("alice", "alice"), ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$(x)", "'$(x)'"),
            ("/tmp/x.sock", "/tmp/x.sock"),
        ]
    )
    func shellWords(word: String, quoted: String) {
        #expect(ShellText.quoted(word) == quoted)
    }

    @Test(
        "flags with a value, as headscale's command line takes them",
        arguments: [
            (["--force=true", "x"], ["--force", "x"]), (["--reusable=false"], []),
            (["--force=maybe"], ["--force=maybe"]),
            (["--name=true"], ["--name=true"]), (["--", "--force=true"], ["--", "--force=true"]),
            (["--ephemeral=1"], ["--ephemeral"]),
        ]
    )
    func flags(arguments: [String], result: [String]) {
        #expect(ArgumentSpelling.normalized(arguments) == result)
    }
}
