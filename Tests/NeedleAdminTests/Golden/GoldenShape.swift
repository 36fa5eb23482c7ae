// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleTypes

/// Compares an answer with a recorded one, in which times and secrets are placeholders.
enum GoldenShape {
    /// Where the two differ, one sentence each.
    static func differences(expected: Any, actual: Any, at path: String = "body") -> [String] {
        switch (expected, actual) {
        case ("<timestamp>" as String, let actual as String):
            return Timestamp(rfc3339: actual) == nil ? ["\(path) is no time: \(actual)"] : []
        case ("<secret>" as String, let actual as String):
            return actual.isEmpty ? ["\(path) is empty"] : []
        case (let expected as [String: Any], let actual as [String: Any]):
            let missing = Set(expected.keys).subtracting(actual.keys).map { "\(path).\($0) is missing" }
            let extra = Set(actual.keys).subtracting(expected.keys).map { "\(path).\($0) is extra" }
            let inside = expected.flatMap { key, value in
                actual[key].map { differences(expected: value, actual: $0, at: "\(path).\(key)") } ?? []
            }
            return missing + extra + inside
        case (let expected as [Any], let actual as [Any]):
            guard expected.count == actual.count else {
                return ["\(path) has \(actual.count) items, not \(expected.count)"]
            }
            return zip(expected, actual).enumerated().flatMap { index, pair in
                differences(expected: pair.0, actual: pair.1, at: "\(path)[\(index)]")
            }
        default:
            let isEqual = (expected as? NSObject).map { $0.isEqual(actual as? NSObject) } ?? false
            return isEqual ? [] : ["\(path) is \(actual), not \(expected)"]
        }
    }
}
