// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Packets that a filter may let in: from where, to where, by which protocol.
struct PlainFlow: Hashable, Sendable {
    /// A node's name with `/4` or `/6`, or addresses outside the tailnet.
    let source: String
    /// The same, with `itself` for the client's own addresses.
    let destination: String
    /// As IP numbers it.
    let number: Int

    /// The ports by which two filters differ in a flow, as people read them.
    struct Difference: Hashable {
        let destination: String
        let protocols: [String]
        let families: String
        let kind: String
        let text: String
    }

    /// What two filters differ in, and in which way, with flows that differ in the same way in one line.
    static func differences(
        _ one: [PlainFlow: [ClosedRange<Int>]],
        _ other: [PlainFlow: [ClosedRange<Int>]]
    ) -> [(kind: String, text: String)] {
        struct Pair: Hashable {
            let source: String
            let destination: String
            let kind: String
            let text: String
        }
        var protocols: [Pair: (numbers: Set<Int>, families: Set<Character>)] = [:]
        for flow in Set(one.keys).union(other.keys) where (one[flow] ?? []) != (other[flow] ?? []) {
            let text = "a has \(ports(one[flow] ?? [])), b has \(ports(other[flow] ?? []))"
            let kind =
                other[flow] == nil ? "only a allows a flow" : one[flow] == nil ? "only b allows a flow" : "other ports"
            let (source, family) = split(flow.source)
            let pair = Pair(source: source, destination: split(flow.destination).name, kind: kind, text: text)
            protocols[pair, default: ([], [])].numbers.insert(flow.number)
            protocols[pair]?.families.formUnion([family, split(flow.destination).family].compactMap(\.self))
        }
        var sources: [Difference: [String]] = [:]
        for (pair, what) in protocols {
            let difference = Difference(
                destination: pair.destination,
                protocols: what.numbers.sorted().map(name),
                families: what.families.count == 1 ? " over IPv\(what.families.first ?? "4") only" : "",
                kind: pair.kind,
                text: pair.text
            )
            sources[difference, default: []].append(pair.source)
        }
        return sources.map { difference, sources in
            let first = sources.min() ?? ""
            let others = sources.count > 1 ? " and \(sources.count - 1) others" : ""
            let protocols = difference.protocols.joined(separator: ", ")
            let flow = "from \(first)\(others) to \(difference.destination), \(protocols)\(difference.families)"
            return (kind: difference.kind, text: "\(flow): \(difference.text)")
        }.sorted { $0.text < $1.text }
    }

    private static func split(_ end: String) -> (name: String, family: Character?) {
        guard end.hasSuffix("/4") || end.hasSuffix("/6"), end.first?.isNumber == false || !end.contains(".") else {
            return (end, nil)
        }
        return (String(end.dropLast(2)), end.last)
    }

    private static func name(_ number: Int) -> String {
        switch number {
        case 1: "ICMP"
        case 6: "TCP"
        case 17: "UDP"
        case 58: "ICMPv6"
        case 132: "SCTP"
        default: "protocol \(number)"
        }
    }

    private static func ports(_ ranges: [ClosedRange<Int>]) -> String {
        if ranges.isEmpty { return "nothing" }
        if ranges == [0...65_535] { return "all ports" }
        return "ports "
            + ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
