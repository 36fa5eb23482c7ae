// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One way in which two servers tell their clients different things.
struct MapDifference: Hashable, Sendable {
    /// What it is about.
    enum Subject: String, CaseIterable, Sendable {
        case peers
        case allowed = "allowed addresses"
        case filter = "packet filter"
        case capabilities
        case shell = "SSH rules"
        case dns = "DNS"
    }

    let subject: Subject
    /// In which way it differs, the same for many texts, so that many of one kind do not hide the others.
    let kind: String
    /// What differs, the same for every client that it concerns in the same way.
    let text: String

    /// All differences between what a client was told by two servers.
    ///
    /// - Parameters:
    ///   - one: what the first told it.
    ///   - other: what the second told it.
    ///   - mayClientSee: whether the policy lets the client see the node of this name; nil if that is not known.
    /// - Returns: one for each thing that differs.
    static func all(
        _ one: PlainMap,
        _ other: PlainMap,
        mayClientSee: (String) -> Bool? = { _ in nil }
    ) -> [MapDifference] {
        var found: [MapDifference] = []
        func add(_ subject: Subject, _ kind: String, _ texts: [String]) {
            found += texts.map { MapDifference(subject: subject, kind: kind, text: $0) }
        }
        /// What only one of them has; a text's first word says what it is, where texts of a subject differ in that.
        func addSides(
            _ subject: Subject,
            _ left: Set<String>,
            _ right: Set<String>,
            through peer: String = "",
            _ noun: (String) -> String
        ) {
            for (texts, side) in [(left.subtracting(right), "a"), (right.subtracting(left), "b")] {
                for text in texts.sorted() {
                    add(subject, "only \(side) has \(noun(text))", ["\(peer)only \(side) has \(text)"])
                }
            }
        }
        for (peers, side) in [(one.peers.subtracting(other.peers), "a"), (other.peers.subtracting(one.peers), "b")] {
            for peer in peers.sorted() {
                let verdict =
                    mayClientSee(peer).map { $0 ? "; the policy allows it" : "; the policy does not allow it" } ?? ""
                add(.peers, "only \(side) shows a peer\(verdict)", ["only \(side) shows \(peer)\(verdict)"])
            }
        }
        for peer in Set(one.allowed.keys).intersection(other.allowed.keys).sorted() {
            guard let left = one.allowed[peer], let right = other.allowed[peer], left != right else { continue }
            addSides(.allowed, left, right, through: "through \(peer), ") { _ in "an address or a route" }
        }
        for flow in PlainFlow.differences(one.flows, other.flows) { add(.filter, flow.kind, [flow.text]) }
        addSides(.capabilities, one.capabilities, other.capabilities) { _ in "a capability" }
        if Set(one.shell) != Set(other.shell) {
            addSides(.shell, Set(one.shell), Set(other.shell)) { _ in "a rule" }
        } else if one.shell != other.shell {
            add(.shell, "another order", ["the rules are the same, but in another order"])
        }
        addSides(.dns, one.dns, other.dns) { text in
            text.contains(" ") ? "a \(text.prefix { $0 != " " })" : text
        }
        if one.reverseZones != other.reverseZones {
            add(.dns, "reverse DNS zones", [zones(one.reverseZones, other.reverseZones)])
        }
        return found
    }

    private static func zones(_ one: Set<String>, _ other: Set<String>) -> String {
        func count(_ zones: Set<String>) -> String { zones.isEmpty ? "none" : "\(zones.count)" }
        let others = one.count == other.count ? ", but others" : ""
        return "reverse DNS zones of the tailnet's addresses: a has \(count(one)), b \(count(other))\(others)"
    }
}
