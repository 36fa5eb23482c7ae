// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HuJSON
internal import NeedleTypes

/// Replaces strings of a policy, and leaves the rest of its text as it is.
enum PolicyRewriter {
    /// Replaces addresses, wherever they stand: as hosts, in rules, with or without ports.
    static func replacingAddresses(_ text: String, _ replacements: [String: String]) throws(PlanError) -> String {
        guard !replacements.isEmpty else { return text }
        return try replacingStrings(text) { string in
            if let whole = replacements[string] { return whole }
            for (end, separator) in string.indices.map({ ($0, string[$0]) }) where separator == ":" || separator == "/"
            {
                guard let new = replacements[String(string[..<end])] else { continue }
                return new + string[end...]
            }
            return string
        }
    }

    /// Replaces strings by what `replace` says, names of members too.
    static func replacingStrings(_ text: String, _ replace: (String) -> String) throws(PlanError) -> String {
        let document: HuJSONDocument
        do {
            document = try HuJSONDocument(text)
        } catch {
            throw PlanError("the policy is no HuJSON: \(error)")
        }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var copied = 0
        for value in strings(of: document.root) {
            guard let string = value.string else { continue }
            let new = replace(string)
            guard new != string else { continue }
            result += bytes[copied..<value.range.lowerBound]
            result += JSONText.quoted(new).utf8
            copied = value.range.upperBound
        }
        return String(decoding: result + bytes[copied...], as: UTF8.self)
    }

    /// All strings in the order of the text; the parser limits how deep they lie.
    private static func strings(of value: HuJSONValue) -> [HuJSONValue] {
        if value.kind == .string { return [value] }
        if let elements = value.elements { return elements.flatMap(strings) }
        return value.members.map { $0.flatMap { strings(of: $0.name) + strings(of: $0.value) } } ?? []
    }
}
