// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import FoundationEssentials
internal import HuJSON

extension NamedFile {
    /// Takes a JSON file's bytes apart; what is wrong in it is said with its place, and never with a value, since values
    /// may be secret.
    ///
    /// - Parameters:
    ///   - type: what it must hold.
    ///   - json: the bytes.
    ///   - path: where they were read.
    ///   - what: what they are, such as `the roster`.
    ///   - advice: what to do if they are something else, as a clause.
    /// - Returns: what it holds.
    /// - Throws: ``PlanError``.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from json: Data,
        of path: String,
        _ what: String,
        advice: String
    ) throws(PlanError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: json)
        } catch {
            throw PlanError("\(what) '\(path)' cannot be used: \(problem(error, in: Array(json))); \(advice)")
        }
    }

    /// Where something lies in a JSON text, for people; nothing if there is no such thing.
    static func place(_ path: [any CodingKey], in json: [UInt8]) -> HuJSONPosition? {
        guard var value = (try? HuJSONDocument(json))?.root else { return nil }
        for key in path {
            let next: HuJSONValue?
            if let elements = value.elements {
                next = key.intValue.flatMap { index in elements.enumerated().first { $0.offset == index }?.element }
            } else {
                next = value.members?.first { $0.name.string == key.stringValue }?.value
            }
            guard let next else { break }
            value = next
        }
        return value.position
    }

    private static func problem(_ error: any Error, in json: [UInt8]) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func clause(_ path: [any CodingKey], _ text: String) -> String {
            place(path, in: json).map { "\($0): \(text)" } ?? text
        }
        switch error {
        case .keyNotFound(let key, let context):
            return clause(context.codingPath, "'\(name(context.codingPath + [key]))' is missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let path = context.codingPath
            return clause(path, "\(path.isEmpty ? "the whole" : "'\(name(path))'") must be \(kind(type))")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return clause(context.codingPath, "'\(name(context.codingPath))' cannot be taken as it is")
        default: return syntaxProblem(json)
        }
    }

    private static func syntaxProblem(_ json: [UInt8]) -> String {
        do {
            _ = try HuJSONDocument(json)
            return "it has comments, which JSON does not know, or a number that is not whole or too large"
        } catch {
            return "it is no JSON: \(error)"
        }
    }

    /// Such as `nodes[3].expect_peers`.
    private static func name(_ path: [any CodingKey]) -> String {
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text
    }

    private static func kind(_ type: any Any.Type) -> String {
        switch "\(type)" {
        case "Int": "a whole number"
        case "String": "a text in quotes"
        case let list where list.hasPrefix("Array"): "a list […]"
        default: "an object {…}"
        }
    }
}
