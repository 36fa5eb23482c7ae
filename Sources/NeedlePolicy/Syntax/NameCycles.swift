// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Names that refer to others, put into an order in which each comes after those that it refers to.
struct NameCycles {
    /// The names that have such a place.
    private(set) var order: [String] = []
    /// Those that refer to themselves through others, sorted.
    private(set) var circular: [String] = []

    /// - Complexity: linear in the references; does not recurse.
    init(_ references: [String: [String]]) {
        var unresolved = references.mapValues { $0.filter { references[$0] != nil }.count }
        var users: [String: [String]] = [:]
        for (name, others) in references {
            for other in others where references[other] != nil { users[other, default: []].append(name) }
        }
        var ready = unresolved.filter { $0.value == 0 }.map(\.key)
        while let name = ready.popLast() {
            unresolved[name] = nil
            order.append(name)
            for user in users[name] ?? [] {
                guard let count = unresolved[user] else { continue }
                unresolved[user] = count - 1
                if count == 1 { ready.append(user) }
            }
        }
        circular = unresolved.keys.sorted()
    }
}
