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
        func add(_ subject: Subject, _ texts: [String]) {
            found += texts.map { MapDifference(subject: subject, text: $0) }
        }
        for (peers, side) in [(one.peers.subtracting(other.peers), "a"), (other.peers.subtracting(one.peers), "b")] {
            for peer in peers.sorted() {
                let verdict = mayClientSee(peer).map {
                    $0 ? "; the policy allows it" : "; the policy does not allow it"
                }
                add(.peers, ["only \(side) shows \(peer)\(verdict ?? "")"])
            }
        }
        for peer in Set(one.allowed.keys).intersection(other.allowed.keys).sorted() {
            guard let left = one.allowed[peer], let right = other.allowed[peer], left != right else { continue }
            add(.allowed, sides(left, right).map { "through \(peer), \($0)" })
        }
        add(.filter, PlainFlow.differences(one.flows, other.flows))
        add(.capabilities, sides(one.capabilities, other.capabilities))
        if one.shell != other.shell {
            let texts = sides(Set(one.shell), Set(other.shell))
            add(.shell, texts.isEmpty ? ["the rules are the same, but in another order"] : texts)
        }
        add(.dns, sides(one.dns, other.dns))
        return found
    }

    private static func sides(_ one: Set<String>, _ other: Set<String>) -> [String] {
        one.subtracting(other).sorted().map { "only a has \($0)" }
            + other.subtracting(one).sorted().map { "only b has \($0)" }
    }
}
