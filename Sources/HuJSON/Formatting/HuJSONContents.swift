// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The values directly inside an array or an object, each with the comments that belong to it.
struct HuJSONContents: Sendable {
    /// A member or an element.
    struct Item: Sendable {
        /// Above the item, or before it in its line.
        var leading: [HuJSONComment] = []
        /// Line breaks between the last of these, or whatever comes before, and the item.
        var newlinesBefore = 0
        /// The name's place among the document's values.
        var name: Int?
        /// Between the name and the value.
        var inner: [HuJSONComment] = []
        /// The value's place among the document's values.
        var value = 0
        /// Between the value and its comma.
        var before: [HuJSONComment] = []
        /// Behind the comma, in the same line; only the last may end the line.
        var after: [HuJSONComment] = []

        /// Whether a line of its own stands above it, empty or with a comment.
        var isApart: Bool { newlinesBefore > 1 || !leading.isEmpty }
    }

    /// In the line of the opening bracket.
    private(set) var opening: [HuJSONComment] = []
    private(set) var items: [Item] = []
    /// Above the closing bracket.
    private(set) var closing: [HuJSONComment] = []
    private(set) var hasTrailingComma = false

    /// Whether there is nothing inside, not even a comment.
    var isEmpty: Bool { items.isEmpty && opening.isEmpty && closing.isEmpty }

    /// Whether there is a comment directly inside.
    var hasComments: Bool {
        !opening.isEmpty || !closing.isEmpty
            || items.contains { !$0.leading.isEmpty || !$0.inner.isEmpty || !$0.before.isEmpty || !$0.after.isEmpty }
    }

    /// What is inside the value at `index`, an array or object.
    init(of index: Int, in document: HuJSONDocument) {
        let whole = document.elements[index]
        self.init(
            from: Int(whole.start) + 1,
            children: index + 1..<Int(whole.next),
            to: Int(whole.end) - 1,
            hasNames: whole.kind == .object,
            in: document
        )
    }

    /// The whole text, as if there were brackets around it.
    init(_ document: HuJSONDocument) {
        self.init(
            from: document.text.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0,
            children: 0..<document.elements.count,
            to: document.text.count,
            hasNames: false,
            in: document
        )
    }

    private init(from start: Int, children: Range<Int>, to end: Int, hasNames: Bool, in document: HuJSONDocument) {
        let elements = document.elements
        func gap(from start: Int, beforeChild child: Int) -> HuJSONGap {
            HuJSONGap(start..<(child < children.upperBound ? Int(elements[child].start) : end), of: document.text)
        }
        var child = children.lowerBound
        var gap = gap(from: start, beforeChild: child)
        var leading: [HuJSONComment]
        (opening, leading) = gap.split(isLast: children.isEmpty)
        leading = Self.keepOneLine(&opening) + leading
        while child < children.upperBound {
            var item = Item(leading: leading, newlinesBefore: gap.newlinesAfter)
            if hasNames {
                item.name = child
                item.take(
                    HuJSONGap(Int(elements[child].end)..<Int(elements[child + 1].start), of: document.text),
                    document
                )
                child += 1
            }
            item.value = child
            let valueEnd = Int(elements[child].end)
            child = Int(elements[child].next)
            gap = HuJSONGap(
                valueEnd..<(child < children.upperBound ? Int(elements[child].start) : end),
                of: document.text
            )
            let isLast = child >= children.upperBound
            (item.after, leading) = gap.split(isLast: isLast)
            item.before = gap.first.filter { !$0.isLine }
            item.after = gap.first.filter(\.isLine) + item.after
            leading = Self.keepOneLine(&item.after) + leading
            hasTrailingComma = isLast && gap.hasSeparator
            items.append(item)
        }
        closing = leading
    }

    /// Leaves in `comments` what fits into one line; the rest goes below.
    private static func keepOneLine(_ comments: inout [HuJSONComment]) -> [HuJSONComment] {
        guard let end = comments.firstIndex(where: \.isLine), end + 1 < comments.count else { return [] }
        let rest = comments[(end + 1)...].map { comment in
            HuJSONComment(range: comment.range, isLine: comment.isLine, newlinesBefore: max(1, comment.newlinesBefore))
        }
        comments.removeSubrange((end + 1)...)
        return rest
    }
}

extension HuJSONContents.Item {
    /// Takes the comments between the name and the value; those that do not fit between go above the name.
    fileprivate mutating func take(_ gap: HuJSONGap, _ document: HuJSONDocument) {
        for comment in gap.first + gap.second {
            if comment.isLine || document.text[comment.range].contains(UInt8(ascii: "\n")) {
                let newlines = leading.isEmpty ? max(1, newlinesBefore) : 1
                leading.append(HuJSONComment(range: comment.range, isLine: comment.isLine, newlinesBefore: newlines))
                newlinesBefore = 1
            } else {
                inner.append(comment)
            }
        }
    }
}
