// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// Ports by protocol.
struct Traffic: Hashable, Sendable {
    /// In rising order, without overlaps; protocols without ports have all of them.
    private(set) var ports: [Int: [PortRange]] = [:]

    /// Adds ports, which are above those that are there already.
    mutating func append(_ range: PortRange, of number: Int) {
        guard let last = ports[number]?.last, last.last < .max, last.last + 1 == range.first else {
            ports[number, default: []].append(range)
            return
        }
        ports[number]?.removeLast()
        ports[number]?.append(PortRange(first: last.first, last: range.last))
    }

    /// Whether everything of `other` is in it.
    func covers(_ other: Traffic) -> Bool {
        other.ports.allSatisfy { number, ranges in
            ranges.allSatisfy { range in
                ports[number]?.contains { $0.first <= range.first && range.last <= $0.last } ?? false
            }
        }
    }

    /// In words, such as `ports 22, 443` or `tcp port 22` and `icmp`.
    ///
    /// What goes by TCP and UDP alike is written without a protocol, and the two ICMPs that come with it are left out.
    var texts: [String] {
        var rest = ports
        var result: [String] = []
        if let common = rest[Self.tcp], common == rest[Self.udp] {
            let isEverything = common == [.any]
            if !isEverything || rest[1] != nil && rest[58] != nil {
                result.append(TrafficText.of([], common))
                for number in [Self.tcp, Self.udp, 1, 58] { rest[number] = nil }
            }
        }
        var byPorts: [[PortRange]: [Int]] = [:]
        for (number, ranges) in rest { byPorts[ranges, default: []].append(number) }
        return result
            + byPorts.map { TrafficText.of($0.value.sorted(), $0.key) }.sorted()
    }

    private static let tcp = 6
    private static let udp = 17
}
