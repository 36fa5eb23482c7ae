// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// Protocols and ports in words.
enum TrafficText {
    /// Such as `everything`, `ports 22, 80-90`, `tcp port 22` or `icmp`; no protocols means the usual ones.
    static func of(_ protocols: [Int], _ ports: [PortRange]) -> String {
        let names = protocols.map { IPProtocol.name(of: $0) }.joined(separator: ", ")
        guard !ports.contains(.any) else { return names.isEmpty ? "everything" : names }
        let numbers = ports.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
        let isOne = ports.count == 1 && ports[0].first == ports[0].last
        return (names.isEmpty ? "" : names + " ") + (isOne ? "port " : "ports ") + numbers.joined(separator: ", ")
    }
}

extension IPProtocol {
    /// The name of a protocol, or its number if it has none.
    static func name(of number: Int) -> String {
        switch number {
        // Two names mean this one.
        case 4: "ipv4"
        default: numbers.first { $0.value == number }?.key ?? "protocol \(number)"
        }
    }
}
