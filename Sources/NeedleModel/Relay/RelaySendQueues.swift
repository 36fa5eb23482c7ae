// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What waits to be written to one connection.
///
/// Packets for a client that reads slowly are dropped oldest first: what is newest is most likely still of use. The
/// queues are a value of their own, and not part of the client's machine, because other event loops put packets in: the
/// shell keeps them under a lock, and the bound holds whichever loop a packet comes from.
///
/// - Shape: at most ``RelayLimits/queuedPacketsMax`` packets of each kind and ``RelayLimits/queuedNoticesMax`` notices.
package struct RelaySendQueues<Payload: DERPBytes>: Sendable {
    private struct Packet {
        let source: NodeKey
        let payload: Payload
    }

    private let packetsMax: Int
    private let noticesMax: Int
    private var data: [Packet] = []
    private var disco: [Packet] = []
    private var departed: [NodeKey] = []

    /// Empty queues.
    package init(limits: RelayLimits) {
        packetsMax = max(1, limits.queuedPacketsMax)
        noticesMax = limits.queuedNoticesMax
    }

    /// Whether nothing waits.
    package var isEmpty: Bool { data.isEmpty && disco.isEmpty && departed.isEmpty }

    /// How many packets wait.
    package var packetCount: Int { data.count + disco.count }

    /// How many notices wait.
    package var noticeCount: Int { departed.count }

    /// Adds a packet at the end, and says why the oldest had to go if one had.
    package mutating func offer(_ payload: Payload, from source: NodeKey, kind: RelayPacketKind) -> RelayDropReason? {
        let packet = Packet(source: source, payload: payload)
        switch kind {
        case .data: return Self.append(packet, to: &data, max: packetsMax) ? nil : .dataQueueFull
        case .disco: return Self.append(packet, to: &disco, max: packetsMax) ? nil : .discoQueueFull
        }
    }

    /// Adds a notice that `peer` has gone, once, and says why not if it could not be added.
    package mutating func offerDeparture(of peer: NodeKey) -> RelayDropReason? {
        guard !departed.contains(peer) else { return nil }
        guard departed.count < noticesMax else { return .noticeQueueFull }
        departed.append(peer)
        return nil
    }

    /// Takes out what fits into `bytesMax`, and at least one thing if anything waits.
    ///
    /// Packets go before notices, so that no client learns that a peer has gone and then hears from it. The two kinds
    /// of packets take turns, so that neither can starve the other.
    package mutating func take(bytesMax: Int) -> [RelayOutbound<Payload>] {
        var taken: [RelayOutbound<Payload>] = []
        var bytesLeft = bytesMax
        var (dataTaken, discoTaken, departedTaken) = (0, 0, 0)
        while bytesLeft > 0, discoTaken < disco.count || dataTaken < data.count {
            let takesDisco = discoTaken < disco.count && (discoTaken <= dataTaken || dataTaken == data.count)
            let packet = takesDisco ? disco[discoTaken] : data[dataTaken]
            let bytes = DERPProtocol.headerBytes + DERPProtocol.keyBytes + packet.payload.byteCount
            guard bytes <= bytesLeft || taken.isEmpty else { break }
            bytesLeft -= bytes
            taken.append(.packet(from: packet.source, packet.payload))
            if takesDisco { discoTaken += 1 } else { dataTaken += 1 }
        }
        if dataTaken == data.count, discoTaken == disco.count {
            let bytes = DERPProtocol.headerBytes + DERPProtocol.keyBytes + 1
            let fitting = max(taken.isEmpty ? 1 : 0, bytesLeft / bytes)
            departedTaken = min(fitting, departed.count)
            taken += departed.prefix(departedTaken).map { .peerGone($0, .disconnected) }
        }
        Self.removeFirst(dataTaken, of: &data)
        Self.removeFirst(discoTaken, of: &disco)
        Self.removeFirst(departedTaken, of: &departed)
        return taken
    }

    /// Throws away all packets and notices, and says how many packets there were.
    package mutating func removeAll() -> Int {
        defer { (data, disco, departed) = ([], [], []) }
        return packetCount
    }

    private static func append(_ packet: Packet, to queue: inout [Packet], max: Int) -> Bool {
        let fits = queue.count < max
        if !fits { queue.removeFirst() }
        queue.append(packet)
        return fits
    }

    /// An emptied queue gives its memory back: most connections are idle most of the time.
    private static func removeFirst<Element>(_ count: Int, of queue: inout [Element]) {
        if count == queue.count { queue = [] } else { queue.removeFirst(count) }
    }
}
