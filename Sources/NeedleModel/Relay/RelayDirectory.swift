// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Who is connected to the relay, and who has sent to whom.
///
/// A client may have several connections. The one that sent last, or else the newest, gets its packets; the others stay
/// open, because a client that moves between networks may have left one behind without knowing. When a client's last
/// connection goes, everybody it had sent packets to is to be told.
///
/// Who sent to whom is kept as one bit a pair, from both ends, so nothing is forgotten while both are connected and no
/// separate limit is needed: with ``RelayLimits/clientsMax`` clients a client costs at most `2 * clientsMax / 8` bytes,
/// and as much less as it talks to fewer or older neighbours. A pair is forgotten when either end goes.
///
/// - Complexity: ``route(to:from:at:)`` O(1); the others O(connections of the client), ``disconnect(_:at:)`` also
///   O(clients it exchanged packets with).
package struct RelayDirectory<Connection: Equatable & Sendable>: Sendable {
    /// Where a connected client is kept; handed in again to spare a search.
    package struct Seat: Equatable, Sendable {
        fileprivate let slot: NodeSlot
        /// Whose seat it is.
        package let key: NodeKey
    }

    /// What became of a connection that wants in.
    package enum ConnectAction: Equatable {
        /// It is in; if another connection of the client had to go for it, that one is to be closed.
        case seated(Seat, evicted: Connection?)
        /// There are ``RelayLimits/clientsMax`` clients already.
        case full
    }

    private struct Client: Sendable {
        let key: NodeKey
        /// The least recently active first, the one that gets packets last; empty if the slot is free.
        var connections: [Connection]
        var sentTo = NodeSet()
        var heardFrom = NodeSet()
    }

    private let clientsMax: Int
    private let connectionsPerClientMax: Int
    private var clients: [Client] = []
    private var slots: [NodeKey: NodeSlot] = [:]
    private var freeSlots: [NodeSlot] = []

    /// How many connections there are.
    package private(set) var connectionCount = 0

    /// A directory of nobody.
    package init(limits: RelayLimits) {
        clientsMax = limits.clientsMax
        connectionsPerClientMax = max(1, limits.connectionsPerClientMax)
    }

    /// How many clients have a connection.
    package var clientCount: Int { slots.count }

    /// Every connection, in no particular order.
    package var connections: [Connection] { clients.flatMap(\.connections) }

    /// The connections of one client, the one that gets its packets last.
    package func connections(of key: NodeKey) -> [Connection] {
        slots[key].map { clients[$0.index].connections } ?? []
    }

    /// Lets a connection in that has proven to be `key`'s; from now on it gets the client's packets.
    package mutating func connect(_ connection: Connection, as key: NodeKey) -> ConnectAction {
        if let slot = slots[key] {
            var evicted: Connection?
            if clients[slot.index].connections.count >= connectionsPerClientMax {
                evicted = clients[slot.index].connections.removeFirst()
                connectionCount -= 1
            }
            clients[slot.index].connections.append(connection)
            connectionCount += 1
            return .seated(Seat(slot: slot, key: key), evicted: evicted)
        }
        guard clientCount < clientsMax else { return .full }
        let client = Client(key: key, connections: [connection])
        let slot: NodeSlot
        if let free = freeSlots.popLast() {
            slot = free
            clients[slot.index] = client
        } else {
            slot = NodeSlot(clients.count)
            clients.append(client)
        }
        slots[key] = slot
        connectionCount += 1
        return .seated(Seat(slot: slot, key: key), evicted: nil)
    }

    /// Finds the connection that a packet goes to, and remembers that the sender sent there; nothing if nobody is there.
    ///
    /// A connection that was evicted meanwhile may send its last packets, but is not remembered.
    package mutating func route(to destination: NodeKey, from connection: Connection, at seat: Seat) -> Connection? {
        let isSeated = isSeated(connection, at: seat)
        if isSeated { noteActivity(of: connection, at: seat.slot) }
        guard let target = slots[destination] else { return nil }
        if isSeated, target != seat.slot, !clients[seat.slot.index].sentTo.contains(target) {
            clients[seat.slot.index].sentTo.insert(target)
            clients[target.index].heardFrom.insert(seat.slot)
        }
        return clients[target.index].connections.last
    }

    /// Forgets a connection, and says which connections are to be told that its client has gone.
    ///
    /// Nobody is told while the client has another connection, or when the connection was evicted before.
    package mutating func disconnect(_ connection: Connection, at seat: Seat) -> [Connection] {
        guard isSeated(connection, at: seat) else { return [] }
        clients[seat.slot.index].connections.removeAll { $0 == connection }
        connectionCount -= 1
        guard clients[seat.slot.index].connections.isEmpty else { return [] }
        return vacate(seat.slot)
    }

    private mutating func vacate(_ slot: NodeSlot) -> [Connection] {
        var toBeTold: [Connection] = []
        for target in clients[slot.index].sentTo {
            clients[target.index].heardFrom.remove(slot)
            toBeTold += clients[target.index].connections
        }
        for source in clients[slot.index].heardFrom {
            clients[source.index].sentTo.remove(slot)
        }
        slots[clients[slot.index].key] = nil
        clients[slot.index].sentTo = NodeSet()
        clients[slot.index].heardFrom = NodeSet()
        freeSlots.append(slot)
        return toBeTold
    }

    private func isSeated(_ connection: Connection, at seat: Seat) -> Bool {
        let client = clients[seat.slot.index]
        return client.key == seat.key && client.connections.contains(connection)
    }

    private mutating func noteActivity(of connection: Connection, at slot: NodeSlot) {
        guard clients[slot.index].connections.last != connection,
            let index = clients[slot.index].connections.firstIndex(of: connection)
        else { return }
        clients[slot.index].connections.append(clients[slot.index].connections.remove(at: index))
    }
}
