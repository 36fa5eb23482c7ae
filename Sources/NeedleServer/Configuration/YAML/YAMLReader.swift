// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Yams

/// Reads the one YAML document of a file an administrator wrote, within limits.
///
/// The parser copies no aliased node, but it hashes the keys of mappings, and a key may hold aliases of aliases. So the
/// number of aliases is bounded before it runs, and the number of nodes, aliases expanded, when its result is copied.
enum YAMLReader {
    /// The longest text, in bytes.
    static let maximumBytes = 256 * 1024
    /// How many `*name` a text may hold: with three on a level, sixteen repeat a node at most some 350 times.
    static let maximumAliases = 16
    /// How many nodes a document may have once aliases are expanded.
    static let maximumNodes = 20000
    /// How deeply nodes may lie in each other.
    static let maximumDepth = 32

    /// The document in `text`; an empty text is ``YAMLNode/Content/null``.
    ///
    /// - Throws: ``YAMLReadingError`` with the line where the parser gave up.
    static func read(_ text: String) throws(YAMLReadingError) -> YAMLNode {
        try checkLimits(text)
        return try DeepStack.run { Result { () throws(YAMLReadingError) in try parse(text) } }.get()
    }

    /// Parser, its nodes and their end stay on one thread, since all three follow nesting by recursion.
    private static func parse(_ text: String) throws(YAMLReadingError) -> YAMLNode {
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw YAMLReadingError(error)
        } catch {
            throw YAMLReadingError(line: nil, problem: "not YAML: \(error)", advice: "check the syntax")
        }
        guard let root else { return YAMLNode(content: .null, line: 1) }
        var budget = maximumNodes
        return try copy(root, depth: 0, budget: &budget)
    }

    private static func checkLimits(_ text: String) throws(YAMLReadingError) {
        guard text.utf8.count <= maximumBytes else {
            throw YAMLReadingError(
                line: nil,
                problem: "longer than \(maximumBytes) bytes",
                advice: "remove what is not needed"
            )
        }
        guard !text.utf8.contains(0) else {
            throw YAMLReadingError(line: nil, problem: "contains a zero byte", advice: "save the file as UTF-8 text")
        }
        guard aliasCountBound(text) <= maximumAliases else {
            throw YAMLReadingError(
                line: nil,
                problem: "more than \(maximumAliases) aliases (*name)",
                advice: "write the values out, or put text with asterisks in comments"
            )
        }
    }

    /// At least as many as the parser will find aliases.
    ///
    /// Lines that are comments do not count: what starts with `#` is a comment or text, whatever stands around it. The
    /// parser breaks lines at three characters outside ASCII also, so a comment must be ASCII to be left out.
    private static func aliasCountBound(_ text: String) -> Int {
        text.utf8.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }).reduce(0) { count, line in
            let isComment = line.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "#")
            return isComment && line.allSatisfy({ $0 < 0x80 }) ? count : count + aliasCount(line)
        }
    }

    private static func aliasCount(_ line: Substring.UTF8View) -> Int {
        var count = 0
        var previous = UInt8(ascii: " ")
        var isCandidate = false
        for byte in line {
            if isCandidate, isAnchorByte(byte) { count += 1 }
            isCandidate = byte == UInt8(ascii: "*") && previous != UInt8(ascii: "*") && !isAnchorByte(previous)
            previous = byte
        }
        return count
    }

    private static func isAnchorByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

// MARK: - From the parser's nodes

extension YAMLReader {
    private static func copy(_ node: Node, depth: Int, budget: inout Int) throws(YAMLReadingError) -> YAMLNode {
        let line = node.mark?.line
        budget -= 1
        guard budget >= 0 else {
            throw YAMLReadingError(
                line: line,
                problem: "more than \(maximumNodes) values once aliases are expanded",
                advice: "write out the values that are needed"
            )
        }
        guard depth < maximumDepth else {
            throw YAMLReadingError(
                line: line,
                problem: "more than \(maximumDepth) levels inside each other",
                advice: "check brackets and indentation"
            )
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: isNull(scalar) ? .null : .text(scalar.string), line: line)
        case .sequence(let sequence):
            var list: [YAMLNode] = []
            for element in sequence { list.append(try copy(element, depth: depth + 1, budget: &budget)) }
            return YAMLNode(content: .list(list), line: line)
        case .mapping(let mapping):
            var entries: [YAMLNode.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw YAMLReadingError(
                        line: key.mark?.line ?? line,
                        problem: "a key that is a list or a section",
                        advice: "keys are plain words"
                    )
                }
                let copied = try copy(value, depth: depth + 1, budget: &budget)
                entries.append(YAMLNode.Entry(key: name.string, line: name.mark?.line, value: copied))
            }
            return YAMLNode(content: .mapping(entries), line: line)
        case .alias:
            throw YAMLReadingError(line: line, problem: "an unresolved alias", advice: "write the value out")
        }
    }

    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        guard scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}

extension YAMLReadingError {
    fileprivate init(_ error: YamlError) {
        let advice = "check indentation, brackets and quotes around here"
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let setting = context.map { "\($0.text), " } ?? ""
            self.init(line: mark.line, problem: "not YAML: \(setting)\(problem)", advice: advice)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { $0.debugDescription }.joined(separator: ", ")
            self.init(line: context.mark.line, problem: "the key \(names) twice", advice: "keep one of them")
        case .reader(let problem, _, _, _):
            self.init(line: nil, problem: "not YAML: \(problem)", advice: "save the file as UTF-8 text")
        default:
            self.init(line: nil, problem: "not YAML: \(error)", advice: advice)
        }
    }
}
