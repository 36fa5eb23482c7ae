// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The path and query of a request line's target, whatever form it came in.
///
/// - Source: RFC 9112 section 3.2; reference: protocol, section 7.3 (one client sends absolute-form throughout).
/// - Shape: `/path?query`, `http://host:port/path?query`, `*`.
struct RequestTarget: Equatable {
    let path: String
    let query: String?

    init(path: String, query: String?) {
        self.path = path
        self.query = query
    }

    /// Takes a target apart; nothing if it is no form that a server answers.
    init?(_ target: String) {
        var rest = target[...]
        if let scheme = ["http://", "https://"].first(where: { rest.prefix($0.count).lowercased() == $0 }) {
            rest = rest.dropFirst(scheme.count)
            guard let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else {
                guard !rest.isEmpty else { return nil }
                self.init(path: "/", query: nil)
                return
            }
            guard end > rest.startIndex else { return nil }
            rest = rest[end...]
        }
        let fragment = rest.firstIndex(of: "#") ?? rest.endIndex
        rest = rest[..<fragment]
        let mark = rest.firstIndex(of: "?")
        let path = mark.map { rest[..<$0] } ?? rest
        guard path.isEmpty || path.hasPrefix("/") || path == "*", !target.isEmpty else { return nil }
        self.init(path: path.isEmpty ? "/" : String(path), query: mark.map { String(rest[rest.index(after: $0)...]) })
    }

    /// The first value of a query parameter, percent-decoded; a plus sign stays one.
    func queryValue(_ name: String) -> String? {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first, Self.decode(key) == name else { continue }
            return Self.decode(parts.count > 1 ? parts[1] : "")
        }
        return nil
    }

    /// Undoes percent-encoding; nothing if it is broken.
    ///
    /// A plus sign is not a space here, so that base64 sent without encoding survives.
    private static func decode(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
