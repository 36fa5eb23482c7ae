// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON

/// JSON of any shape, for comparing.
indirect enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(_ value: HuJSONValue) {
        if let members = value.members {
            self = .object(Dictionary(members.map { ($0.name.string ?? "", JSON($0.value)) }, uniquingKeysWith: { $1 }))
        } else if let elements = value.elements {
            self = .array(elements.map { JSON($0) })
        } else if let string = value.string {
            self = .string(string)
        } else if let bool = value.bool {
            self = .bool(bool)
        } else {
            self = value.number.flatMap(Double.init).map { .number($0) } ?? .null
        }
    }

    init(text: String) throws {
        self.init(try HuJSONDocument(text).root)
    }

    var string: String? { if case .string(let string) = self { string } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    var array: [JSON]? { if case .array(let array) = self { array } else { nil } }
    var object: [String: JSON]? { if case .object(let object) = self { object } else { nil } }
    var isEmpty: Bool { self == .null || array?.isEmpty ?? object?.isEmpty ?? string?.isEmpty ?? (bool == false) }

    subscript(key: String) -> JSON { object?[key] ?? .null }

    /// The same text for equal values.
    var canonical: String {
        switch self {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .number(let number): "\(number)"
        case .string(let string): "\"\(string)\""
        case .array(let array): "[\(array.map(\.canonical).joined(separator: ","))]"
        case .object(let object):
            "{\(object.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.canonical)" }.joined(separator: ","))}"
        }
    }
}
