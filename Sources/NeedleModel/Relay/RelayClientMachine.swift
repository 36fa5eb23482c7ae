// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// The relay's side of one connection: log-in, packets, pings, keep-alives and deadlines.
///
/// ```
/// idle ─opened→ greeted ─received(clientInfo)→ opening ─clientInfoOpened→ admitting ─admitted→ steady
/// any ─refused, peer's fault, deadline, closeRequested, disconnected→ closed
/// ```
///
/// The machine knows no keys, sockets or clocks: the shell opens and seals boxes, asks for admission, finds
/// destinations, and says what time it is. One write is under way at a time; what may go with it is asked for with
/// ``nextWrite(from:now:)`` when an action says ``Action/write`` and whenever a write has completed.
///
/// - Source: `derp/derpserver/derpserver.go` of the public client, for what a server must do.
/// - Units: `now` is monotonic, counted from any fixed point.
package struct RelayClientMachine<Payload: DERPBytes>: ~Copyable {
    /// What the shell is to do.
    package enum Action: Equatable {
        /// Nothing.
        case none
        /// Ask for ``RelayClientMachine/nextWrite(from:now:)``.
        case write
        /// Open the box, then tell ``RelayClientMachine/clientInfoOpened(_:)`` or `clientInfoUnreadable`.
        case open(from: NodeKey, nonce: [UInt8], sealed: Payload)
        /// Ask whether the key may use the relay, then tell ``RelayClientMachine/admitted(now:)`` or `refused`.
        case admit(NodeKey, DERPClientInfo)
        /// Queue the packet for its destination, or tell `destinationUnknown`.
        case forward(to: NodeKey, packet: Payload, RelayPacketKind)
        /// Count the connection as one whose home is here, or no longer.
        case noteHome(Bool)
        /// Close the connection.
        case close(RelayCloseReason)
    }

    private let limits: RelayLimits
    private let keepAlivePeriod: Duration
    private var state: RelayClientState = .idle
    private var notHereRate: RelayRateLimit
    /// What the machine itself wants written; bounded by what may be asked: one of each, and a burst of "not here".
    private var replies: [RelayOutbound<Payload>] = []
    private var isWriting = false
    private var writeDeadline: Duration?

    /// A connection that is not open yet.
    ///
    /// - Parameters:
    ///   - limits: What the server allows.
    ///   - keepAliveJitter: Drawn once for this connection, from 0 to ``RelayLimits/keepAliveJitterMax``.
    package init(limits: RelayLimits, keepAliveJitter: Duration) {
        self.limits = limits
        keepAlivePeriod = limits.keepAliveInterval + keepAliveJitter
        notHereRate = RelayRateLimit(burst: limits.notHereBurst, interval: limits.notHereInterval)
    }

    /// What the decoder may let through now.
    package var stage: DERPStage {
        if case .steady = state { .serverSteady } else { .serverAwaitingClientInfo }
    }

    /// Whether the connection is over.
    package var isClosed: Bool { state == .closed }

    /// Who is at the other end, once admitted.
    package var client: NodeKey? {
        if case .steady(let key, _) = state { key } else { nil }
    }

    /// When ``deadlineReached(now:)`` is due, if ever.
    package var nextDeadline: Duration? {
        switch state {
        case .idle, .closed: nil
        case .greeted(let deadline), .opening(_, let deadline), .admitting(_, let deadline): deadline
        case .steady(_, let keepAliveAt): min(keepAliveAt, writeDeadline ?? keepAliveAt)
        }
    }

    // MARK: Log-in

    /// The bytes of the connection are ours from now on.
    package mutating func opened(now: Duration) -> Action {
        switch state {
        case .idle:
            state = .greeted(loginDeadline: now + limits.loginTimeout)
            replies.append(.greeting)
            return .write
        case .closed:
            return .none
        case .greeted, .opening, .admitting, .steady:
            preconditionFailure("a relay connection was opened twice")
        }
    }

    /// The box was the client's, and this was in it.
    package mutating func clientInfoOpened(_ info: DERPClientInfo) -> Action {
        switch state {
        case .opening(let key, let deadline):
            state = .admitting(key, loginDeadline: deadline)
            return .admit(key, info)
        case .closed:
            return .none
        case .idle, .greeted, .admitting, .steady:
            preconditionFailure("a log-in was opened that nobody asked to open")
        }
    }

    /// The box was not the client's, or there was no log-in in it.
    package mutating func clientInfoUnreadable() -> Action {
        switch state {
        case .opening:
            return close(.unreadableLogin)
        case .closed:
            return .none
        case .idle, .greeted, .admitting, .steady:
            preconditionFailure("a log-in was not readable that nobody asked to open")
        }
    }

    /// The client may use the relay, and is in the directory.
    package mutating func admitted(now: Duration) -> Action {
        switch state {
        case .admitting(let key, _):
            state = .steady(key, keepAliveAt: now + keepAlivePeriod)
            if isWriting { writeDeadline = now + limits.writeTimeout }
            replies.append(.serverInfo(to: key))
            return .write
        case .closed:
            return .none
        case .idle, .greeted, .opening, .steady:
            preconditionFailure("a client was admitted that did not ask")
        }
    }

    /// The client may not use the relay, or there is no room.
    package mutating func refused(_ reason: RelayCloseReason) -> Action {
        switch state {
        case .admitting:
            return close(reason)
        case .closed:
            return .none
        case .idle, .greeted, .opening, .steady:
            preconditionFailure("a client was refused that did not ask")
        }
    }

    // MARK: Frames

    /// The client said something.
    package mutating func received(_ message: DERPClientMessage<Payload>, now: Duration) -> Action {
        switch state {
        case .greeted(let deadline):
            guard case .clientInfo(let key, let nonce, let sealed) = message else { return close(.unexpectedMessage) }
            state = .opening(key, loginDeadline: deadline)
            return .open(from: key, nonce: nonce, sealed: sealed)
        case .opening, .admitting:
            // The shell answers both questions before it reads on, and no client sends before it has its answer.
            return close(.unexpectedMessage)
        case .steady:
            return steadyReceived(message)
        case .closed:
            return .none
        case .idle:
            preconditionFailure("a relay connection received before it was opened")
        }
    }

    private mutating func steadyReceived(_ message: DERPClientMessage<Payload>) -> Action {
        switch message {
        case .sendPacket(let destination, let packet):
            let allowed = DERPProtocol.keyBytes...DERPProtocol.keyBytes + DERPProtocol.packetBytesMax
            let length = DERPProtocol.keyBytes + packet.byteCount
            guard allowed.contains(length) else {
                return close(.badFrame(.badLength(.sendPacket, length: length, allowed: allowed)))
            }
            let kind: RelayPacketKind = DERPProtocol.looksLikeDisco(packet) ? .disco : .data
            return .forward(to: destination, packet: packet, kind)
        case .notePreferred(let isHome):
            return .noteHome(isHome)
        case .ping(let number):
            // One answer may wait; whoever pings faster than it reads gets no more.
            guard !replies.contains(where: \.isPong) else { return .none }
            replies.append(.pong(number))
            return .write
        case .privileged(let type):
            return close(.privilegedFrame(type))
        case .clientInfo, .pong, .other:
            // The reference server throws these away too.
            return .none
        }
    }

    /// The decoder refused a frame, or its payload was too short.
    package mutating func frameRefused(_ error: DERPError) -> Action {
        close(.badFrame(error))
    }

    /// Nobody with the key of a forwarded packet is connected.
    package mutating func destinationUnknown(_ destination: NodeKey, kind: RelayPacketKind, now: Duration) -> Action {
        switch state {
        case .steady:
            // Only discovery is answered: a client that is told too late merely asks again.
            guard kind == .disco, notHereCount < limits.notHereBurst, notHereRate.allows(at: now) else {
                return .none
            }
            replies.append(.peerGone(destination, .notHere))
            return .write
        case .closed:
            return .none
        case .idle, .greeted, .opening, .admitting:
            preconditionFailure("a packet was forwarded for a client that is not logged in")
        }
    }

    private var notHereCount: Int { replies.count(where: \.isPeerGone) }

    // MARK: Writes

    /// Takes what is to be written now; empty while a write is under way or when there is nothing.
    ///
    /// If it is not empty, ``writeCompleted(now:)`` or ``writeFailed()`` must follow.
    package mutating func nextWrite(
        from queues: inout RelaySendQueues<Payload>,
        now: Duration
    ) -> [RelayOutbound<Payload>] {
        guard !isWriting, state != .closed else { return [] }
        var frames = replies
        replies = []
        if case .steady = state {
            frames += queues.take(bytesMax: limits.writeBatchBytesMax)
            if !frames.isEmpty { writeDeadline = now + limits.writeTimeout }
        }
        isWriting = !frames.isEmpty
        return frames
    }

    /// What was last taken has been written; there may be more.
    package mutating func writeCompleted(now: Duration) -> Action {
        guard state != .closed else { return .none }
        precondition(isWriting, "a write completed that was not begun")
        isWriting = false
        writeDeadline = nil
        return .write
    }

    /// What was last taken could not be written.
    package mutating func writeFailed() -> Action {
        close(.writeFailed)
    }

    // MARK: Time and the end

    /// It is ``nextDeadline`` or later; too early a call does nothing.
    package mutating func deadlineReached(now: Duration) -> Action {
        switch state {
        case .greeted(let deadline), .opening(_, let deadline), .admitting(_, let deadline):
            return now >= deadline ? close(.loginTimeout) : .none
        case .steady(let key, let keepAliveAt):
            if let writeDeadline, now >= writeDeadline { return close(.writeTimeout) }
            guard now >= keepAliveAt else { return .none }
            state = .steady(key, keepAliveAt: now + keepAlivePeriod)
            guard !replies.contains(.keepAlive) else { return .none }
            replies.append(.keepAlive)
            return .write
        case .idle, .closed:
            return .none
        }
    }

    /// The server wants the connection to end.
    package mutating func closeRequested(_ reason: RelayCloseReason) -> Action {
        close(reason)
    }

    /// The connection has ended.
    package mutating func disconnected() -> Action {
        close(.peerClosed)
    }

    /// Closing is asked for once; what comes after is a late echo of what was under way.
    private mutating func close(_ reason: RelayCloseReason) -> Action {
        guard state != .closed else { return .none }
        state = .closed
        replies = []
        isWriting = false
        writeDeadline = nil
        return .close(reason)
    }
}

extension RelayOutbound {
    fileprivate var isPong: Bool {
        if case .pong = self { true } else { false }
    }

    fileprivate var isPeerGone: Bool {
        if case .peerGone = self { true } else { false }
    }
}
