// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Finds names that refer to themselves through others.
enum NameCycles {
    /// One name of each circle, in order.
    ///
    /// - Complexity: linear in the references; does not recurse.
    static func find(in references: [String: [String]]) -> [String] {
        var unresolved = references.mapValues { $0.filter { references[$0] != nil }.count }
        var users: [String: [String]] = [:]
        for (name, others) in references {
            for other in others where references[other] != nil { users[other, default: []].append(name) }
        }
        var ready = unresolved.filter { $0.value == 0 }.map(\.key)
        while let name = ready.popLast() {
            unresolved[name] = nil
            for user in users[name] ?? [] {
                guard let count = unresolved[user] else { continue }
                unresolved[user] = count - 1
                if count == 1 { ready.append(user) }
            }
        }
        return unresolved.keys.sorted()
    }
}
