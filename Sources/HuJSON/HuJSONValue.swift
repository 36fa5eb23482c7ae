// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One value of a ``HuJSONDocument``, with its place.
package struct HuJSONValue: Sendable {
    /// What a value is.
    package enum Kind: UInt8, Sendable {
        case null
        case bool
        case number
        case string
        case array
        case object
    }

    let document: HuJSONDocument
    let index: Int

    private var element: HuJSONDocument.Element { document.elements[index] }

    /// What this value is.
    package var kind: Kind { element.kind }

    /// The bytes of the text that this value takes, quotes and brackets included.
    package var range: Range<Int> { Int(element.start)..<Int(element.end) }

    /// Where this value begins.
    ///
    /// - Complexity: O(offset).
    package var position: HuJSONPosition { HuJSONPosition(offset: range.lowerBound, in: document.text) }

    /// The text of this value as it was written.
    package var source: String { String(decoding: document.text[range], as: UTF8.self) }

    /// Whether this is `null`.
    package var isNull: Bool { kind == .null }

    /// The value of `true` or `false`; nothing for others.
    package var bool: Bool? { kind == .bool ? document.text[range.lowerBound] == UInt8(ascii: "t") : nil }

    /// The string that this value stands for; nothing for other kinds.
    package var string: String? {
        guard kind == .string else { return nil }
        let inner = document.text[(range.lowerBound + 1)..<(range.upperBound - 1)]
        guard element.isEscaped else { return String(decoding: inner, as: UTF8.self) }
        return HuJSONString.decode(inner)
    }

    /// The number as it was written; nothing for other kinds.
    package var number: String? { kind == .number ? source : nil }

    /// The values in an array; nothing for other kinds.
    package var elements: Children? {
        kind == .array ? Children(parent: self) : nil
    }

    /// The names and values in an object, in the order of the text; nothing for other kinds.
    package var members: Members? {
        kind == .object ? Members(children: Children(parent: self)) : nil
    }

    /// Walks the values directly inside another one.
    package struct Children: Sequence, IteratorProtocol, Sendable {
        private let document: HuJSONDocument
        private var index: Int
        private let end: Int

        fileprivate init(parent: HuJSONValue) {
            document = parent.document
            index = parent.index + 1
            end = Int(parent.element.next)
        }

        package mutating func next() -> HuJSONValue? {
            guard index < end else { return nil }
            let value = HuJSONValue(document: document, index: index)
            index = Int(value.element.next)
            return value
        }
    }

    /// Walks the members of an object.
    package struct Members: Sequence, IteratorProtocol, Sendable {
        private var children: Children

        fileprivate init(children: Children) {
            self.children = children
        }

        package mutating func next() -> (name: HuJSONValue, value: HuJSONValue)? {
            guard let name = children.next(), let value = children.next() else { return nil }
            return (name, value)
        }
    }
}
