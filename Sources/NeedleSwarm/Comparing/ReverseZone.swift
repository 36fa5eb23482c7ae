// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// The DNS zone in which the names of a prefix's addresses are found.
///
/// - Source: RFC 1035 section 3.5, RFC 3596 section 2.5.
struct ReverseZone {
    /// The addresses that it is for.
    let prefix: IPPrefix

    /// Reads a zone's name, such as `64.100.in-addr.arpa`; nil if it is none.
    init?(name: String) {
        let labels = name.lowercased().split(separator: ".").map(String.init)
        guard labels.count > 2, labels.last == "arpa" else { return nil }
        let parts = labels.dropLast(2).reversed()
        switch labels[labels.count - 2] {
        case "in-addr":
            let octets = parts.compactMap { UInt8($0) }
            guard octets.count == parts.count, octets.count <= 4 else { return nil }
            let padded = octets + Array(repeating: 0, count: 4 - octets.count)
            self.init(text: padded.map { "\($0)" }.joined(separator: "."), length: octets.count * 8)
        case "ip6":
            let digits = parts.filter { $0.count == 1 && $0.first?.isHexDigit == true }
            guard digits.count == parts.count, digits.count <= 32 else { return nil }
            let padded = Array(digits + Array(repeating: "0", count: 32 - digits.count))
            let groups = stride(from: 0, to: 32, by: 4).map { padded[$0..<$0 + 4].joined() }
            self.init(text: groups.joined(separator: ":"), length: digits.count * 4)
        default: return nil
        }
    }

    private init?(text: String, length: Int) {
        guard let prefix = IPPrefix(text: "\(text)/\(length)") else { return nil }
        self.prefix = prefix
    }

    /// Whether it is for addresses that nodes have.
    var isOfTailnet: Bool { PlainVisibility.tailnets.contains { $0.contains(prefix) } }
}
