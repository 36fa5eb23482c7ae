// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Writes a document the way that policies are usually written: a tab for each level, one entry a line, and a comma
/// behind the last one.
///
/// An array or object stays in one line if it is written in one and fits. Comments stay with what they stand beside or
/// above, and one empty line between entries stays. Text that is plain JSON remains plain JSON, without commas at ends.
/// Formatting what was formatted changes nothing.
///
/// - Source: the rules of tailscale/hujson's `Format`, by which Tailscale's own editor works; simpler in that an array
///   with an object of several lines is always spread out.
/// - Complexity: linear in the text for each level of brackets; recurses as deep as the limits let brackets go.
package struct HuJSONFormatter {
    /// The longest line that an array or object may have to stay in one.
    private static let widthMax = 80
    /// The columns that a tab counts for in this.
    private static let tabWidth = 4

    private let document: HuJSONDocument
    private let hasTrailingCommas: Bool
    /// Offsets of line breaks.
    private let newlines: [Int]

    /// The text of `document`, formatted; it ends with a line break.
    package static func format(_ document: HuJSONDocument) -> [UInt8] {
        HuJSONFormatter(
            document: document,
            hasTrailingCommas: !isStandard(document),
            newlines: document.text.indices.filter { document.text[$0] == newline }
        ).whole()
    }

    /// The value in one line without comments, however long.
    ///
    /// - Complexity: linear in the value for each level of brackets.
    package static func line(_ value: HuJSONValue) -> String {
        let formatter = HuJSONFormatter(document: value.document, hasTrailingCommas: false, newlines: [])
        return String(decoding: formatter.flat(value.index, comments: false), as: UTF8.self)
    }

    private static func isStandard(_ document: HuJSONDocument) -> Bool {
        guard !HuJSONContents(document).hasComments else { return false }
        return document.elements.indices.allSatisfy { index in
            guard document.elements[index].isContainer else { return true }
            let contents = HuJSONContents(of: index, in: document)
            return !contents.hasComments && !contents.hasTrailingComma
        }
    }

    // MARK: - Several lines

    private func whole() -> [UInt8] {
        let contents = HuJSONContents(document)
        var output = joined(contents.opening, depth: 0)
        if let item = contents.items.first {
            append(item, at: 0, to: &output) { output in
                output += render(item.value, depth: 0, column: 0)
                for comment in item.before + item.after {
                    output += [Self.space] + comment.text(in: document.text, depth: 0)
                }
            }
        }
        for comment in contents.closing { appendLine(comment, at: 0, to: &output) }
        output.append(Self.newline)
        return output
    }

    /// The value at `index` as it stands at `depth`, beginning at `column`.
    private func render(_ index: Int, depth: Int, column: Int) -> [UInt8] {
        let element = document.elements[index]
        guard element.isContainer else { return source(of: index) }
        let contents = HuJSONContents(of: index, in: document)
        let isFlat = contents.isEmpty || !hasNewline(Int(element.start)..<Int(element.end))
        if isFlat {
            let line = flat(index, comments: true)
            if contents.isEmpty || Self.width(line) + column <= Self.widthMax { return line }
        }
        return spread(contents, isObject: element.kind == .object, depth: depth)
    }

    private func spread(_ contents: HuJSONContents, isObject: Bool, depth: Int) -> [UInt8] {
        var output: [UInt8] = [isObject ? UInt8(ascii: "{") : UInt8(ascii: "[")]
        for comment in contents.opening { output += [Self.space] + comment.text(in: document.text, depth: depth + 1) }
        let values = contents.items.map { item in
            let name = item.name.map { Self.width(source(of: $0)) + 2 } ?? 0
            return render(item.value, depth: depth + 1, column: (depth + 1) * Self.tabWidth + name + 1)
        }
        let paddings = paddings(of: contents.items, values)
        for (place, item) in contents.items.enumerated() {
            let isLast = place == contents.items.count - 1
            append(item, at: depth + 1, isFirst: place == 0, to: &output) { output in
                if let name = item.name {
                    output += source(of: name) + [UInt8(ascii: ":"), Self.space]
                    output += Array(repeating: Self.space, count: paddings[place])
                }
                for comment in item.inner { output += comment.text(in: document.text, depth: depth + 1) + [Self.space] }
                output += values[place]
                for comment in item.before {
                    output += [Self.space] + comment.text(in: document.text, depth: depth + 1)
                }
                if !isLast || hasTrailingCommas { output.append(UInt8(ascii: ",")) }
                for comment in item.after { output += [Self.space] + comment.text(in: document.text, depth: depth + 1) }
            }
        }
        for (place, comment) in contents.closing.enumerated() {
            appendLine(comment, at: depth + 1, isFirst: place == 0 && contents.items.isEmpty, to: &output)
        }
        appendNewline(at: depth, to: &output)
        output.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        return output
    }

    /// Writes the comments above an item on lines of their own or before it, and then the item.
    private func append(
        _ item: HuJSONContents.Item,
        at depth: Int,
        isFirst: Bool = false,
        to output: inout [UInt8],
        _ body: (inout [UInt8]) -> Void
    ) {
        for (place, comment) in item.leading.enumerated() {
            if place > 0, comment.newlinesBefore == 0, !item.leading[place - 1].isLine {
                output += [Self.space] + comment.text(in: document.text, depth: depth)
            } else {
                appendLine(comment, at: depth, isFirst: isFirst && place == 0, to: &output)
            }
        }
        if item.leading.isEmpty || item.newlinesBefore > 0 || item.leading.last?.isLine == true {
            let isApart = item.newlinesBefore > 1 && !(isFirst && item.leading.isEmpty)
            appendNewline(at: depth, isApart: isApart, to: &output)
        } else {
            output.append(Self.space)
        }
        body(&output)
    }

    private func appendLine(
        _ comment: HuJSONComment,
        at depth: Int,
        isFirst: Bool = false,
        to output: inout [UInt8]
    ) {
        appendNewline(at: depth, isApart: comment.newlinesBefore > 1 && !isFirst, to: &output)
        output += comment.text(in: document.text, depth: depth)
    }

    /// Begins a line, after an empty one if `isApart`; the very first line needs no break before it.
    private func appendNewline(at depth: Int, isApart: Bool = false, to output: inout [UInt8]) {
        if !output.isEmpty { output += isApart ? [Self.newline, Self.newline] : [Self.newline] }
        output += Array(repeating: UInt8(ascii: "\t"), count: depth)
    }

    // MARK: - Columns of values

    /// How many blanks stand between a name and its value, so that values of members in a row are in one column.
    private func paddings(of items: [HuJSONContents.Item], _ values: [[UInt8]]) -> [Int] {
        var result = Array(repeating: 0, count: items.count)
        var run: [Int] = []
        func endRun() {
            let widths = run.map { place in items[place].name.map { Self.width(source(of: $0)) } ?? 0 }
            let widest = widths.max() ?? 0
            for (place, width) in zip(run, widths) { result[place] = widest - width }
            run = []
        }
        for (place, item) in items.enumerated() {
            if item.isApart || values[place].contains(Self.newline) { endRun() }
            if !values[place].contains(Self.newline) { run.append(place) }
        }
        endRun()
        return result
    }

    // MARK: - One line

    private func flat(_ index: Int, comments: Bool) -> [UInt8] {
        let element = document.elements[index]
        guard element.isContainer else { return source(of: index) }
        let contents = HuJSONContents(of: index, in: document)
        let isObject = element.kind == .object
        var output: [UInt8] = [isObject ? UInt8(ascii: "{") : UInt8(ascii: "[")]
        if comments { output += joined(contents.opening, depth: 0) }
        for (place, item) in contents.items.enumerated() {
            if place > 0 { output += [UInt8(ascii: ","), Self.space] }
            append(comments ? item.leading : [], before: &output)
            if let name = item.name { output += source(of: name) + [UInt8(ascii: ":"), Self.space] }
            append(comments ? item.inner : [], before: &output)
            output += flat(item.value, comments: comments)
            for comment in comments ? item.before + item.after : [] {
                output += [Self.space] + comment.text(in: document.text, depth: 0)
            }
        }
        output.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        return output
    }

    private func append(_ comments: [HuJSONComment], before output: inout [UInt8]) {
        for comment in comments { output += comment.text(in: document.text, depth: 0) + [Self.space] }
    }

    private func joined(_ comments: [HuJSONComment], depth: Int) -> [UInt8] {
        Array(comments.map { $0.text(in: document.text, depth: depth) }.joined(separator: [Self.space]))
    }

    // MARK: - Bytes

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    private func source(of index: Int) -> [UInt8] {
        Array(document.text[Int(document.elements[index].start)..<Int(document.elements[index].end)])
    }

    /// In Unicode scalars.
    private static func width(_ bytes: [UInt8]) -> Int { bytes.reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) } }

    private func hasNewline(_ range: Range<Int>) -> Bool {
        var low = 0
        var high = newlines.count
        while low < high {
            let middle = (low + high) / 2
            if newlines[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < newlines.count && newlines[low] < range.upperBound
    }
}

extension HuJSONDocument.Element {
    /// Whether values may be inside.
    fileprivate var isContainer: Bool { kind == .array || kind == .object }
}
