// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// IP protocols by name and number.
///
/// - Source: https://tailscale.com/kb/1337/policy-syntax, "proto".
enum IPProtocol {
    static let numbers: [String: Int] = [
        "icmp": 1, "igmp": 2, "ipv4": 4, "ip-in-ip": 4, "tcp": 6, "egp": 8, "igp": 9, "udp": 17, "gre": 47,
        "esp": 50, "ah": 51, "ipv6-icmp": 58, "sctp": 132, "fc": 133,
    ]

    /// TCP, UDP and SCTP.
    static let withPorts: Set<Int> = [6, 17, 132]

    /// What a rule without a protocol is about: TCP, UDP and both ICMPs.
    static let usual: Set<Int> = [1, 6, 17, 58]

    /// Reads a name or a number; an empty text is the usual protocols, an empty list.
    static func parse(_ text: String) throws(SyntaxFailure) -> [Int] {
        let name = text.lowercased()
        if name.isEmpty { return [] }
        if let number = numbers[name] { return [number] }
        if name == "*" {
            throw SyntaxFailure(
                "proto name \"*\" not known; use protocol number 0-255 or protocol name (icmp, tcp, udp, etc.)"
            )
        }
        guard let number = Int(name), !name.hasPrefix("+") else {
            throw SyntaxFailure(
                "invalid protocol number: \"\(text)\" must be a known protocol name or valid protocol number 0-255",
                hint: NearestName.of(name, among: numbers.keys.sorted()).map { "did you mean \"\($0)\"?" }
            )
        }
        guard name.first != "0" else {
            throw SyntaxFailure("leading 0 not permitted in protocol number: \"\(text)\"")
        }
        guard (0...255).contains(number) else {
            throw SyntaxFailure("protocol number out of range (0-255): \(number)")
        }
        return [number]
    }
}
