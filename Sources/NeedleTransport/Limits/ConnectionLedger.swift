// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleTypes
import Synchronization

/// Who is connected: enforces the limits on numbers of connections, and finds every connection at shutdown.
///
/// Connections live on several event loops, so this is behind a lock; it is taken when a connection opens, is upgraded
/// and closes, never for a request.
final class ConnectionLedger: Sendable {
    /// What became of a new connection.
    enum Admission: Equatable {
        case admitted
        /// There are as many as may be.
        case full
        /// This address has as many as it may have.
        case fullForAddress
        /// Over a limit, and too many others are waiting to be told so; or the server is shutting down.
        case dropped
    }

    /// Stands for one upgraded connection without a request.
    final class HalfOpenTicket {
        private let ledger: ConnectionLedger

        fileprivate init(ledger: ConnectionLedger) {
            self.ledger = ledger
        }

        deinit {
            ledger.endHalfOpen()
        }
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var admitted = 0
        var refused = 0
        var halfOpen = 0
        var perAddress: [IPAddress: Int] = [:]
        var isClosing = false
        var drained: EventLoopPromise<Void>?
    }

    private let limits: TransportLimits
    private let state = Mutex(State())

    init(limits: TransportLimits) {
        self.limits = limits
    }

    /// Connections that are open and were not refused.
    var admittedCount: Int { state.withLock { $0.admitted } }

    /// Upgraded connections without a request so far.
    var halfOpenCount: Int { state.withLock { $0.halfOpen } }

    /// Enters a connection; ``ConnectionLedger/leave(_:from:as:)`` must follow with the same arguments.
    func enter(_ channel: any Channel, from address: IPAddress?) -> Admission {
        let counted = countedAddress(address)
        return state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            let admission = admission(of: counted, in: state)
            switch admission {
            case .admitted:
                state.admitted += 1
                if let counted { state.perAddress[counted, default: 0] += 1 }
            case .full, .fullForAddress:
                state.refused += 1
            case .dropped:
                break
            }
            return admission
        }
    }

    /// Takes a closed connection out.
    func leave(_ channel: any Channel, from address: IPAddress?, as admission: Admission) {
        let drained = state.withLock { state -> EventLoopPromise<Void>? in
            state.channels[ObjectIdentifier(channel)] = nil
            switch admission {
            case .admitted:
                state.admitted -= 1
                if let counted = countedAddress(address) {
                    let left = (state.perAddress[counted] ?? 1) - 1
                    state.perAddress[counted] = left > 0 ? left : nil
                }
            case .full, .fullForAddress:
                state.refused -= 1
            case .dropped:
                break
            }
            guard state.channels.isEmpty else { return nil }
            return state.drained.take()
        }
        drained?.succeed()
    }

    /// Counts an upgrade that has made no request yet, until the ticket is let go; nothing if there are too many.
    func beginHalfOpen() -> HalfOpenTicket? {
        let isCounted = state.withLock { state in
            guard state.halfOpen < limits.halfOpenUpgradesMax else { return false }
            state.halfOpen += 1
            return true
        }
        return isCounted ? HalfOpenTicket(ledger: self) : nil
    }

    fileprivate func endHalfOpen() {
        state.withLock { $0.halfOpen -= 1 }
    }

    /// Every open connection.
    var channels: [any Channel] { state.withLock { Array($0.channels.values) } }

    /// Admits nobody any more.
    ///
    /// - Returns: the connections that are open; nothing the second time.
    func beginClosing() -> [any Channel] {
        state.withLock { state in
            guard !state.isClosing else { return [] }
            state.isClosing = true
            return Array(state.channels.values)
        }
    }

    /// Completes `promise` when no connection is left.
    func whenEmpty(_ promise: EventLoopPromise<Void>) {
        let empty = state.withLock { state in
            if !state.channels.isEmpty { state.drained = promise }
            return state.channels.isEmpty
        }
        if empty { promise.succeed() }
    }

    private func countedAddress(_ address: IPAddress?) -> IPAddress? {
        guard let address, limits.countsLoopback || !address.isLoopback else { return nil }
        // Whoever has one IPv6 address has the 2^64 around it as well.
        return address.family == .v4 ? address : IPPrefix(address, length: 64)?.address
    }

    private func admission(of address: IPAddress?, in state: State) -> Admission {
        guard !state.isClosing else { return .dropped }
        let refusal: Admission
        if state.admitted >= limits.connectionsMax {
            refusal = .full
        } else if let address, state.perAddress[address, default: 0] >= limits.connectionsPerAddressMax {
            refusal = .fullForAddress
        } else {
            return .admitted
        }
        return state.refused < limits.refusalsMax ? refusal : .dropped
    }
}
