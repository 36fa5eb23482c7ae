// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
package import NeedleModel
import NeedleNoise
package import NeedleTypes
import NeedleWire
import Synchronization

/// What all relay connections of a server share: its key, who is connected, and the counters.
///
/// Connections live on their event loops; the hub holds one short lock to find a packet's destination, and leaves the
/// packet in the destination's mailbox after the lock is released. It never calls out while holding the lock.
package final class RelayHub: Sendable {
    /// Whether the node with this key, which connects from this address, may use the relay.
    package typealias Admission = @Sendable (NodeKey, IPAddress?) -> Bool

    typealias Directory = RelayDirectory<RelayMailbox>

    private struct State {
        var directory: Directory
        var counters = RelayCounters()
        var pending: [ObjectIdentifier: RelayMailbox] = [:]
        var isShutDown = false
    }

    /// The key that clients see in the greeting and in the answer to their upgrade.
    package let publicKey: NodeKey
    /// What the relay allows.
    package let limits: RelayLimits

    private let serverKey: NodePrivateKey
    private let admit: Admission
    private let state: Mutex<State>
    private let random: Mutex<any RandomNumberGenerator & Sendable>

    /// A relay without clients.
    ///
    /// - Parameters:
    ///   - serverKey: The relay's own key.
    ///   - admit: Asked for every log-in, on the connection's event loop, so it must not block; asked twice, because the
    ///     node may be removed between the answer and its taking effect.
    ///   - limits: What the relay allows.
    ///   - random: Where nonces and jitter come from; must be fit for cryptography outside tests.
    /// - Throws: ``NoiseError`` if the key is unusable.
    package init(
        serverKey: NodePrivateKey,
        admit: @escaping Admission,
        limits: RelayLimits = RelayLimits(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) throws {
        publicKey = try serverKey.publicKey
        self.serverKey = serverKey
        self.admit = admit
        self.limits = limits
        self.random = Mutex(random)
        state = Mutex(State(directory: Directory(limits: limits)))
    }

    // MARK: For the server

    /// What the relay has done and holds.
    package var counters: RelayCounters {
        state.withLock { state in
            var counters = state.counters
            counters.pendingLogins = state.pending.count
            counters.clients = state.directory.clientCount
            counters.connections = state.directory.connectionCount
            return counters
        }
    }

    /// Whether the node with this key has a connection.
    package func isConnected(_ key: NodeKey) -> Bool {
        state.withLock { !$0.directory.connections(of: key).isEmpty }
    }

    /// Ends all connections of a node that was removed or has expired.
    ///
    /// Admission must refuse the node by then, or it may come back.
    package func disconnect(_ key: NodeKey) {
        let mailboxes = state.withLock { $0.directory.connections(of: key) }
        for mailbox in mailboxes { mailbox.requestClose(.removed) }
    }

    /// Ends all connections and lets no more in, for a server that stops.
    package func closeAll() {
        let mailboxes = state.withLock { state in
            state.isShutDown = true
            return state.directory.connections + Array(state.pending.values)
        }
        for mailbox in mailboxes { mailbox.requestClose(.shutdown) }
    }

    // MARK: For connections

    /// Counts a connection that has not logged in; or says why it may not even try.
    func open(_ mailbox: RelayMailbox) -> RelayCloseReason? {
        state.withLock { state in
            guard !state.isShutDown else { return .shutdown }
            guard state.pending.count < limits.pendingLoginsMax else { return .full }
            state.pending[ObjectIdentifier(mailbox)] = mailbox
            state.counters.connectionsOpened += 1
            return nil
        }
    }

    /// Lets a connection in whose client has proven its key, or says why not.
    func enter(
        _ mailbox: RelayMailbox,
        as key: NodeKey,
        from source: IPAddress?
    ) -> Result<Directory.Seat, RelayCloseReason> {
        guard admit(key, source) else { return .failure(.notAdmitted) }
        let (result, evicted): (Result<Directory.Seat, RelayCloseReason>, RelayMailbox?) = state.withLock { state in
            guard !state.isShutDown else { return (.failure(.shutdown), nil) }
            guard case .seated(let seat, let evicted) = state.directory.connect(mailbox, as: key) else {
                return (.failure(.full), nil)
            }
            state.pending[ObjectIdentifier(mailbox)] = nil
            return (.success(seat), evicted)
        }
        evicted?.requestClose(.evicted)
        guard case .success(let seat) = result else { return result }
        // Whoever was removed since the first question was asked was not yet there to be disconnected.
        guard admit(key, source) else {
            state.withLock { _ = $0.directory.disconnect(mailbox, at: seat) }
            return .failure(.notAdmitted)
        }
        state.withLock { $0.counters.logins += 1 }
        return result
    }

    /// Leaves a packet for its destination; false if nobody with that key is connected.
    func forward(
        _ packet: ByteBuffer,
        _ kind: RelayPacketKind,
        to destination: NodeKey,
        from mailbox: RelayMailbox,
        at seat: Directory.Seat
    ) -> Bool {
        let target = state.withLock { state in
            state.counters.packetsReceived += 1
            state.counters.bytesReceived += UInt64(packet.readableBytes)
            if kind == .disco { state.counters.discoPacketsReceived += 1 }
            let target = state.directory.route(to: destination, from: mailbox, at: seat)
            if target == nil { state.counters.drop(.unknownDestination) } else { state.counters.packetsQueued += 1 }
            return target
        }
        guard let target else { return false }
        if let drop = target.offer(packet, from: seat.key, kind: kind) {
            state.withLock { $0.counters.drop(drop) }
        }
        return true
    }

    /// Counts a connection whose home is here, or no longer.
    func noteHome(_ isHome: Bool) {
        state.withLock { $0.counters.homeConnections += isHome ? 1 : -1 }
    }

    /// Forgets a connection that has ended, and tells those who heard from its client.
    func leave(_ mailbox: RelayMailbox, at seat: Directory.Seat?, because reason: RelayCloseReason) {
        let packetsLeft = mailbox.close()
        let toBeTold = state.withLock { state in
            state.pending[ObjectIdentifier(mailbox)] = nil
            state.counters.closes[reason.label, default: 0] += 1
            state.counters.drop(.connectionClosed, count: packetsLeft)
            let toBeTold = seat.map { state.directory.disconnect(mailbox, at: $0) } ?? []
            state.counters.noticesQueued += UInt64(toBeTold.count)
            return toBeTold
        }
        guard let seat, !toBeTold.isEmpty else { return }
        let drops = toBeTold.compactMap { $0.offerDeparture(of: seat.key) }
        guard !drops.isEmpty else { return }
        state.withLock { state in
            for drop in drops { state.counters.drop(drop) }
        }
    }

    // MARK: Keys and chance

    /// What a client sealed for this relay, or nothing if it did not, or if it is no log-in.
    func openLogin(_ sealed: ByteBuffer, nonce: [UInt8], from client: NodeKey) -> DERPClientInfo? {
        guard let json = try? Box.open(Array(sealed.readableBytesView), nonce: nonce, from: client, to: serverKey)
        else { return nil }
        return DERPClientInfo(json: json)
    }

    /// The answer to a log-in; nothing only for keys that no client can have opened a box with.
    func serverInfo(for client: NodeKey) -> DERPServerMessage<ByteBuffer>? {
        let nonce = random.withLock { random in
            (0..<Box.nonceLength).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        guard let sealed = try? Box.seal(DERPServerInfo().json, nonce: nonce, to: client, from: serverKey) else {
            return nil
        }
        return .serverInfo(nonce: nonce, sealed: ByteBuffer(bytes: sealed))
    }

    /// How much longer than others one connection waits between keep-alives.
    func keepAliveJitter() -> Duration {
        let share = random.withLock { Double.random(in: 0..<1, using: &$0) }
        return limits.keepAliveJitterMax * share
    }
}
