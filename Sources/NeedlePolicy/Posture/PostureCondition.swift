// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One line of a posture, such as `node:tsVersion >= '1.60'`.
///
/// - Source: https://tailscale.com/kb/1288/device-posture
struct PostureCondition: Hashable, Sendable {
    enum Operator: String, Sendable, CaseIterable {
        case notEqual = "!="
        case equal = "=="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case oneOf = "IN"
        case noneOf = "NOT IN"
        case isSet = "IS SET"
        case notSet = "NOT SET"
    }

    let attribute: String
    let relation: Operator
    let values: [AttributeValue]

    /// Whether a node with these attributes meets it; what is not known fails, but for `NOT SET` and `!=`.
    func holds(for attributes: [String: AttributeValue]) -> Bool {
        let actual = attributes[attribute]
        switch relation {
        case .isSet: return actual != nil
        case .notSet: return actual == nil
        case .oneOf: return actual.map(values.contains) ?? false
        case .noneOf: return actual.map { !values.contains($0) } ?? true
        case .equal: return actual != nil && actual == values.first
        case .notEqual: return actual != values.first
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let actual, let wanted = values.first, let order = Self.order(actual, wanted) else { return false }
            switch relation {
            case .less: return order < 0
            case .lessOrEqual: return order <= 0
            case .greater: return order > 0
            default: return order >= 0
            }
        }
    }

    /// Negative, zero or positive; nothing for values of two kinds.
    private static func order(_ left: AttributeValue, _ right: AttributeValue) -> Int? {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right ? -1 : (left > right ? 1 : 0)
        case (.string(let left), .string(let right)): versionOrder(left, right)
        default: nil
        }
    }

    /// Compares `1.9.2` and `1.10` part by part, numbers as numbers; a missing part is lower.
    private static func versionOrder(_ left: String, _ right: String) -> Int {
        let left = left.split { $0 == "." || $0 == "-" }
        let right = right.split { $0 == "." || $0 == "-" }
        for (one, other) in zip(left, right) where one != other {
            if let one = UInt64(one), let other = UInt64(other) {
                if one != other { return one < other ? -1 : 1 }
            } else {
                return one < other ? -1 : 1
            }
        }
        return left.count - right.count
    }
}
