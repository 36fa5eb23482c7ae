// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// DNS labels for nodes, made from what clients call themselves.
///
/// - Source: the public client's `util/dnsname` (`SanitizeHostname`): common suffixes go, a label starts and ends with
///   a letter or digit, separators inside become hyphens, everything else is dropped, at most 63 bytes (RFC 1035).
package enum NodeName {
    /// The longest DNS label.
    package static let bytesMax = 63
    /// What a node is called whose own name leaves nothing.
    package static let fallback = "node"

    /// The label for a node that calls itself `hostname`.
    package static func sanitized(_ hostname: String) -> String {
        var name = hostname[...]
        for suffix in [".local", ".localdomain", ".lan"] where name.hasSuffix(suffix) {
            name = name.dropLast(suffix.count)
        }
        let bytes = Array(name.utf8.prefix(bytesMax))
        guard let first = bytes.firstIndex(where: isAlphanumeric), let last = bytes.lastIndex(where: isAlphanumeric)
        else { return fallback }
        var label: [UInt8] = []
        for byte in bytes[first...last] {
            if isAlphanumeric(byte) {
                label.append(lowercased(byte))
            } else if byte == UInt8(ascii: "-") || isSeparator(byte) {
                label.append(UInt8(ascii: "-"))
            }
        }
        return String(decoding: label, as: UTF8.self)
    }

    /// Whether `name` is a label that an administrator may give; the reason why not otherwise.
    package static func problem(with name: String) -> String? {
        let bytes = Array(name.utf8)
        if bytes.isEmpty { return "a node's name may not be empty" }
        if bytes.count > bytesMax { return "a node's name has at most \(bytesMax) characters" }
        if !bytes.allSatisfy({ isAlphanumeric($0) && lowercased($0) == $0 || $0 == UInt8(ascii: "-") }) {
            return "a node's name has only a-z, 0-9 and hyphens"
        }
        if bytes.first == UInt8(ascii: "-") || bytes.last == UInt8(ascii: "-") {
            return "a node's name starts and ends with a letter or digit"
        }
        return nil
    }

    /// `name`, or `name-1`, `name-2` and so on, whichever is free first; cut so that it stays a label.
    ///
    /// - Complexity: O(log k) look-ups for k taken numbers, since it doubles first and then halves; so numbers freed in
    ///   between may stay unused.
    static func free(_ name: String, isTaken: (String) -> Bool) -> String {
        guard isTaken(name) else { return name }
        var low = 0
        var high = 1
        while isTaken(numbered(name, high)) {
            low = high
            high *= 2
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if isTaken(numbered(name, middle)) { low = middle } else { high = middle }
        }
        return numbered(name, high)
    }

    private static func numbered(_ name: String, _ number: Int) -> String {
        let suffix = "-\(number)"
        var stem = Substring(name).utf8.prefix(bytesMax - suffix.utf8.count)
        while stem.last == UInt8(ascii: "-") { stem = stem.dropLast() }
        return String(decoding: stem, as: UTF8.self) + suffix
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "_")].contains(byte)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
