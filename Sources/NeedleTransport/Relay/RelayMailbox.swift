// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleModel
import NeedleTypes
import Synchronization

/// Where other connections leave packets for one connection, from whichever event loop they are on.
///
/// The queues themselves are here, under a lock, so their bounds hold across loops, and nothing piles up in a loop's
/// list of tasks: a loop that is already woken is not woken again until it has emptied the queues.
final class RelayMailbox: Sendable {
    private struct State {
        var queues: RelaySendQueues<ByteBuffer>
        var isWoken = false
        var isClosed = false
    }

    private let state: Mutex<State>
    private let eventLoop: any EventLoop
    private let handler: NIOLoopBound<RelayHandler>

    /// The mailbox of a handler on `eventLoop`; to be made on that loop, and let go when the handler has ended.
    init(limits: RelayLimits, handler: RelayHandler, eventLoop: any EventLoop) {
        state = Mutex(State(queues: RelaySendQueues(limits: limits)))
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    }

    /// Leaves a packet, and says why a packet went no further if one did, this one or an older one.
    func offer(_ packet: ByteBuffer, from source: NodeKey, kind: RelayPacketKind) -> RelayDropReason? {
        leave { $0.offer(packet, from: source, kind: kind) }
    }

    /// Leaves the notice that `peer` has gone, and says why not if it could not be left.
    func offerDeparture(of peer: NodeKey) -> RelayDropReason? {
        leave { $0.offerDeparture(of: peer) }
    }

    /// Has the connection closed, soon.
    func requestClose(_ reason: RelayCloseReason) {
        eventLoop.execute { [handler] in handler.value.closeRequested(reason) }
    }

    /// Takes what the connection may write now; only on its loop.
    func nextWrite(
        for machine: inout RelayClientMachine<ByteBuffer>,
        now: Duration
    ) -> [RelayOutbound<ByteBuffer>] {
        state.withLock { state in
            let frames = machine.nextWrite(from: &state.queues, now: now)
            if state.queues.isEmpty { state.isWoken = false }
            return frames
        }
    }

    /// Takes nothing more, and says how many packets were left.
    func close() -> Int {
        state.withLock { state in
            state.isClosed = true
            return state.queues.removeAll()
        }
    }

    private func leave(_ change: (inout RelaySendQueues<ByteBuffer>) -> RelayDropReason?) -> RelayDropReason? {
        let (drop, wakes): (RelayDropReason?, Bool) = state.withLock { state in
            guard !state.isClosed else { return (.connectionClosed, false) }
            let drop = change(&state.queues)
            let wakes = !state.isWoken
            state.isWoken = true
            return (drop, wakes)
        }
        // Never at once, even on the same loop: a handler must not be entered while another one is at work.
        if wakes { eventLoop.execute { [handler] in handler.value.mailArrived() } }
        return drop
    }
}

extension RelayMailbox: Equatable {
    static func == (left: RelayMailbox, right: RelayMailbox) -> Bool { left === right }
}
