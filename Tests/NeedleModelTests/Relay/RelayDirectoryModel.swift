// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel

/// What ``RelayDirectory`` does, in sets and dictionaries without slots; for comparison.
struct RelayDirectoryModel {
    let limits: RelayLimits
    var connections: [Int: [Int]] = [:]
    var sentTo: [Int: Set<Int>] = [:]

    init(limits: RelayLimits) {
        self.limits = limits
    }

    /// Nothing if there is no room; else who had to go, if anybody.
    mutating func connect(_ connection: Int, as key: Int) -> Int?? {
        guard connections[key] != nil || connections.count < limits.clientsMax else { return nil }
        var evicted: Int?
        if connections[key, default: []].count == limits.connectionsPerClientMax {
            evicted = connections[key]?.removeFirst()
        }
        connections[key, default: []].append(connection)
        return .some(evicted)
    }

    mutating func route(to destination: Int, from connection: Int) -> Int? {
        if let sender = owner(of: connection) {
            connections[sender]?.removeAll { $0 == connection }
            connections[sender]?.append(connection)
            if sender != destination, connections[destination] != nil {
                sentTo[sender, default: []].insert(destination)
            }
        }
        return connections[destination]?.last
    }

    mutating func disconnect(_ connection: Int) -> Set<Int> {
        guard let key = owner(of: connection) else { return [] }
        connections[key]?.removeAll { $0 == connection }
        guard connections[key] == [] else { return [] }
        connections[key] = nil
        let told = sentTo.removeValue(forKey: key) ?? []
        for sender in sentTo.keys { sentTo[sender]?.remove(key) }
        return Set(told.flatMap { connections[$0] ?? [] })
    }

    private func owner(of connection: Int) -> Int? {
        connections.first { $0.value.contains(connection) }?.key
    }
}
