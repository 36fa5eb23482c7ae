// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Reads the lines of a posture.
enum PostureParser {
    /// Reads `attribute operator value`, the value in single quotes, a number, a truth value, or a list in brackets.
    static func parse(_ text: String) throws(SyntaxFailure) -> PostureCondition {
        let text = text.trimmingBlanks
        let name = text.prefix { !" \t=!<>".contains($0) }
        guard name.contains(":"), !name.hasSuffix(":") else {
            throw SyntaxFailure(
                "invalid posture condition \"\(text)\"",
                hint: "it begins with an attribute such as node:os, node:tsVersion or custom:NAME"
            )
        }
        let rest = text.dropFirst(name.count).trimmingBlanks
        guard let relation = PostureCondition.Operator.allCases.first(where: { begins(rest, with: $0) }) else {
            throw SyntaxFailure(
                "invalid posture condition \"\(text)\"",
                hint: "an operator follows: ==, !=, <, <=, >, >=, IN, NOT IN, IS SET or NOT SET"
            )
        }
        let operand = rest.dropFirst(relation.rawValue.count).trimmingBlanks
        guard let values = values(operand, for: relation) else {
            throw SyntaxFailure(
                "invalid posture condition \"\(text)\"",
                hint: "text stands in single quotes, lists in brackets"
            )
        }
        return PostureCondition(attribute: String(name), relation: relation, values: values)
    }

    private static func begins(_ text: String, with relation: PostureCondition.Operator) -> Bool {
        text.uppercased().hasPrefix(relation.rawValue)
    }

    private static func values(_ text: String, for relation: PostureCondition.Operator) -> [AttributeValue]? {
        switch relation {
        case .isSet, .notSet:
            return text.isEmpty ? [] : nil
        case .oneOf, .noneOf:
            guard text.hasPrefix("["), text.hasSuffix("]"), text.count >= 2 else { return nil }
            var values: [AttributeValue] = []
            for item in text.dropFirst().dropLast().split(separator: ",") {
                guard let value = value(item.trimmingBlanks) else { return nil }
                values.append(value)
            }
            return values
        default:
            return value(text).map { [$0] }
        }
    }

    private static func value(_ text: String) -> AttributeValue? {
        if text == "true" || text == "false" { return .bool(text == "true") }
        if text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote {
            return .string(String(text.dropFirst().dropLast()))
        }
        return Double(text).map { .number($0) }
    }
}
