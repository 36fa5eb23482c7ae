// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A table for people: columns aligned by what a terminal shows, with a heading.
///
/// The library at hand for this counts characters, colour codes included, so it cannot align colours or wide text.
struct TextTable {
    /// One field.
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let mark: TextStyle.Mark?

        init(_ text: String, _ mark: TextStyle.Mark? = nil) {
            self.text = TerminalText.printable(text)
            self.mark = mark
        }

        init(stringLiteral value: String) {
            self.init(value)
        }
    }

    private static let gap = "  "

    private let headings: [Cell]
    private var rows: [[Cell]] = []

    init(_ headings: String...) {
        self.headings = headings.map { Cell($0, .heading) }
    }

    /// Adds a line; there is a cell for each heading.
    mutating func add(_ cells: Cell...) {
        rows.append(cells)
    }

    /// The table as text, each line with a line feed.
    func text(_ style: TextStyle) -> String {
        let lines = [headings] + rows
        var widths = headings.map { _ in 0 }
        for line in lines {
            for (column, cell) in line.enumerated() where column < widths.count {
                widths[column] = max(widths[column], TerminalText.width(cell.text))
            }
        }
        return lines.map { Self.text($0, widths, style) + "\n" }.joined()
    }

    private static func text(_ line: [Cell], _ widths: [Int], _ style: TextStyle) -> String {
        let last = line.lastIndex { !$0.text.isEmpty } ?? line.startIndex
        return zip(line, widths).prefix(last + 1).enumerated()
            .map { column, field in
                let (cell, width) = field
                let padding = column == last ? 0 : width - TerminalText.width(cell.text)
                return style.apply(cell.mark, to: cell.text) + String(repeating: " ", count: max(0, padding))
            }
            .joined(separator: gap)
    }
}
