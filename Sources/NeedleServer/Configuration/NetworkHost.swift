// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The host in `host:port` and in URLs: a name, an IPv4 address, or an IPv6 address in brackets.
enum NetworkHost {
    /// The length of the longest name that DNS can carry.
    static let maximumNameLength = 253

    /// `text` without the brackets around an IPv6 address; nothing if they are missing or hold something else.
    static func unbracketed(_ text: Substring) -> String? {
        guard text.hasPrefix("[") || text.contains(":") else { return String(text) }
        guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count > 2 else { return nil }
        let inner = text.dropFirst().dropLast()
        return IPAddress(text: inner)?.family == .v6 ? String(inner) : nil
    }

    /// `host` with brackets if it is an IPv6 address.
    static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }

    /// Whether `host` is an address or a name.
    static func isValid(_ host: String) -> Bool {
        IPAddress(text: host) != nil || isName(host)
    }

    /// Whether only the machine itself can reach `host`.
    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || IPAddress(text: host)?.isLoopback == true
    }

    /// Whether `name` consists of labels of letters, digits, `-` and `_`, as host names in use do.
    static func isName(_ name: String) -> Bool {
        guard (1...maximumNameLength).contains(name.utf8.count) else { return false }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy(isLabelByte)
        }
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
