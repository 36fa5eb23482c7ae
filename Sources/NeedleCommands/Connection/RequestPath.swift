// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation

/// The path and query of a request, with every part encoded.
struct RequestPath {
    let text: String

    /// `/api/v1` and the parts, then the query's items that have a value.
    init(_ parts: String..., query: [(name: String, value: String?)] = []) {
        self.init(parts, query: query)
    }

    private init(_ parts: [String], query: [(name: String, value: String?)]) {
        let path = "/api/v1/" + parts.map(Self.encoded).joined(separator: "/")
        let items = query.compactMap { item in item.value.map { "\(item.name)=\(Self.encoded($0))" } }
        text = items.isEmpty ? path : path + "?" + items.joined(separator: "&")
    }

    private init(text: String) {
        self.text = text
    }

    /// A path whose answer holds what headscale's objects have not, too.
    static func allFields(_ parts: String..., query: [(name: String, value: String?)] = []) -> RequestPath {
        RequestPath(parts, query: query + [("fields", "all")])
    }

    /// What the server is.
    static let version = RequestPath(text: "/version")

    /// Everything but letters, digits, hyphen and underscore is encoded: a dot too, as `..` is a part like any other.
    static func encoded(_ part: String) -> String {
        part.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    private static let allowed = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )
}
