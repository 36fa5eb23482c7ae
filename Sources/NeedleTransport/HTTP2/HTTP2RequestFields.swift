// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOHPACK

/// Whether header fields are what a client may send.
///
/// - Source: RFC 9113, sections 8.1 to 8.3.
enum HTTP2RequestFields {
    /// What the checks of a request's fields give.
    enum Check: Equatable {
        case malformed
        /// All is well; with the value of `content-length`, if there is one.
        case valid(contentLength: Int?)
    }

    private static let pseudo = [":method", ":scheme", ":path", ":authority"]
    private static let connectionFields = [
        "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade",
    ]

    /// Looks at the fields of a request; CONNECT is not one that we know.
    static func check(_ fields: HPACKHeaders) -> Check {
        var seen = 0
        var isRegular = false
        var length: Int?
        for (name, value, _) in fields {
            guard isAllowed(value: value) else { return .malformed }
            if name.utf8.first == UInt8(ascii: ":") {
                guard !isRegular, let index = pseudo.firstIndex(of: name), seen & 1 << index == 0 else {
                    return .malformed
                }
                seen |= 1 << index
                if value.isEmpty, name == ":path" || name == ":method" { return .malformed }
                continue
            }
            isRegular = true
            guard isAllowed(name: name, value: value) else { return .malformed }
            guard name == "content-length" else { continue }
            guard let count = number(value), length == nil || length == count else { return .malformed }
            length = count
        }
        // All but the authority must be there.
        return seen & 0b111 == 0b111 ? .valid(contentLength: length) : .malformed
    }

    /// Whether the fields behind a body are what they may be.
    static func areTrailers(_ fields: HPACKHeaders) -> Bool {
        fields.allSatisfy { isAllowed(name: $0.name, value: $0.value) && isAllowed(value: $0.value) }
    }

    private static func isAllowed(name: String, value: String) -> Bool {
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte), !connectionFields.contains(name) else { return false }
        return name != "te" || value == "trailers"
    }

    private static func isAllowed(value: String) -> Bool {
        value.utf8.allSatisfy { $0 != 0 && $0 != 0x0a && $0 != 0x0d }
    }

    /// A token's bytes without capitals (RFC 9110, section 5.6.2).
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"),
            UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Digits and nothing else.
    private static func number(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text)
    }
}
