// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What stands between two values, or between a value and a bracket.
struct HuJSONGap: Sendable {
    /// Comments before the comma or colon, if there is one.
    private(set) var first: [HuJSONComment] = []
    /// Comments behind it, or all of them when there is none.
    private(set) var second: [HuJSONComment] = []
    /// Whether there is a comma or colon.
    private(set) var hasSeparator = false
    /// Line breaks between the last comment, or whatever comes before, and what follows the gap.
    private(set) var newlinesAfter = 0

    /// Reads the bytes of `text` in `range`, which hold nothing but blanks, comments and at most one separator.
    init(_ range: Range<Int>, of text: [UInt8]) {
        var index = range.lowerBound
        while index < range.upperBound {
            switch text[index] {
            case UInt8(ascii: "/"):
                let comment = Self.comment(at: index, in: text, newlinesBefore: newlinesAfter)
                second.append(comment)
                newlinesAfter = 0
                index = comment.range.upperBound
                continue
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                hasSeparator = true
                first = second
                second = []
                newlinesAfter = 0
            case UInt8(ascii: "\n"):
                newlinesAfter += 1
            default:
                break
            }
            index += 1
        }
    }

    private static func comment(at start: Int, in text: [UInt8], newlinesBefore: Int) -> HuJSONComment {
        let isLine = start + 1 < text.count && text[start + 1] == UInt8(ascii: "/")
        var end = min(start + 2, text.count)
        if isLine {
            while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
        } else {
            while end + 1 < text.count, text[end] != UInt8(ascii: "*") || text[end + 1] != UInt8(ascii: "/") {
                end += 1
            }
            end = min(end + 2, text.count)
        }
        return HuJSONComment(range: start..<end, isLine: isLine, newlinesBefore: newlinesBefore)
    }

    /// Splits the comments behind the separator: those that end the line that something began, and those that belong to
    /// what follows.
    func split(isLast: Bool) -> (ending: [HuJSONComment], leading: [HuJSONComment]) {
        let run = second.prefix { $0.newlinesBefore == 0 }
        guard isLast || run.count < second.count || newlinesAfter > 0 else { return ([], second) }
        return (Array(run), Array(second.dropFirst(run.count)))
    }
}
