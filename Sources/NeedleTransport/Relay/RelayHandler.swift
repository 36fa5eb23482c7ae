// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
import NeedleModel
package import NeedleTypes
import NeedleWire

/// One relay connection on its event loop: bytes in, bytes out.
///
/// To be added after the HTTP upgrade, last in the pipeline, on the channel's event loop; what comes before it may be
/// TLS, or an adapter that makes a byte stream of WebSocket messages. All decisions are ``RelayClientMachine``'s; this
/// carries them out.
///
/// Writes are gathered into one buffer, at most ``RelayLimits/writeBatchBytesMax`` or one packet: one TLS record and
/// one system call for a batch are worth more than the copy that they cost.
package final class RelayHandler: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// How many batches are written before other connections of the loop get their turn.
    private static let batchesPerTurnMax = 16

    private let hub: RelayHub
    private let source: IPAddress?
    private var machine: RelayClientMachine<ByteBuffer>
    private var decoder = DERPDecoder<ByteBuffer>(stage: .serverAwaitingClientInfo)
    private var context: ChannelHandlerContext?
    /// There from the beginning to the end of the connection.
    private var mailbox: RelayMailbox?
    private var seat: RelayHub.Directory.Seat?
    private var isHome = false
    private var isPumping = false
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?

    /// A connection to `hub` from `source`, if that is known.
    package init(hub: RelayHub, source: IPAddress?) {
        self.hub = hub
        self.source = source
        machine = RelayClientMachine(limits: hub.limits, keepAliveJitter: hub.keepAliveJitter())
    }

    // MARK: Channel events

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        run(machine.disconnected())
        self.context = nil
    }

    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        run(machine.disconnected())
        context.fireChannelInactive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !machine.isClosed else { return }
        decoder.append(unwrapInboundIn(data))
        readFrames()
        armTimer()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: run(machine.disconnected())
        case is ChannelShouldQuiesceEvent: run(machine.closeRequested(.shutdown))
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Resets and TLS errors; nothing that a relay could add to them.
        run(machine.disconnected())
    }

    // MARK: From the hub

    /// Something lies in the mailbox.
    func mailArrived() {
        pump()
        armTimer()
    }

    /// The hub wants the connection to end.
    func closeRequested(_ reason: RelayCloseReason) {
        run(machine.closeRequested(reason))
    }

    // MARK: The machine

    private var now: Duration {
        guard let context else { return .zero }
        return .nanoseconds(Int64(context.eventLoop.now.uptimeNanoseconds))
    }

    private func start(_ context: ChannelHandlerContext) {
        guard mailbox == nil, !machine.isClosed else { return }
        let mailbox = RelayMailbox(limits: hub.limits, handler: self, eventLoop: context.eventLoop)
        self.mailbox = mailbox
        if let refusal = hub.open(mailbox) {
            run(machine.closeRequested(refusal))
        } else {
            run(machine.opened(now: now))
        }
        armTimer()
    }

    private func readFrames() {
        while !machine.isClosed {
            do throws(DERPError) {
                guard let frame = try decoder.next() else { return }
                let message = try DERPClientMessage(frame)
                run(machine.received(message, now: now))
            } catch {
                run(machine.frameRefused(error))
            }
            decoder.stage = machine.stage
        }
    }

    private func run(_ action: RelayClientMachine<ByteBuffer>.Action) {
        switch action {
        case .none: break
        case .write: pump()
        case .open(let client, let nonce, let sealed): open(sealed, nonce: nonce, from: client)
        case .admit(let client, _): enter(as: client)
        case .forward(let destination, let packet, let kind): forward(packet, kind, to: destination)
        case .noteHome(let isHome): noteHome(isHome)
        case .close(let reason): finish(reason)
        }
    }

    private func open(_ sealed: ByteBuffer, nonce: [UInt8], from client: NodeKey) {
        if let info = hub.openLogin(sealed, nonce: nonce, from: client) {
            run(machine.clientInfoOpened(info))
        } else {
            run(machine.clientInfoUnreadable())
        }
    }

    private func enter(as client: NodeKey) {
        guard let mailbox else { return }
        switch hub.enter(mailbox, as: client, from: source) {
        case .success(let seat):
            self.seat = seat
            run(machine.admitted(now: now))
        case .failure(let reason):
            run(machine.refused(reason))
        }
    }

    private func forward(_ packet: ByteBuffer, _ kind: RelayPacketKind, to destination: NodeKey) {
        guard let mailbox, let seat else { return }
        if !hub.forward(packet, kind, to: destination, from: mailbox, at: seat) {
            run(machine.destinationUnknown(destination, kind: kind, now: now))
        }
    }

    private func noteHome(_ isHome: Bool) {
        guard isHome != self.isHome else { return }
        self.isHome = isHome
        hub.noteHome(isHome)
    }

    private func finish(_ reason: RelayCloseReason) {
        timer?.task.cancel()
        timer = nil
        noteHome(false)
        if let mailbox {
            self.mailbox = nil
            hub.leave(mailbox, at: seat, because: reason)
        }
        context?.close(promise: nil)
    }

    // MARK: Writing

    /// Writes until nothing is left, a write does not complete at once, or it is others' turn.
    private func pump() {
        guard !isPumping, let context, let mailbox else { return }
        isPumping = true
        defer { isPumping = false }
        for _ in 0..<Self.batchesPerTurnMax {
            let frames = mailbox.nextWrite(for: &machine, now: now)
            guard !frames.isEmpty else { return }
            write(frames, context)
        }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { handler.value.mailArrived() }
    }

    private func write(_ frames: [RelayOutbound<ByteBuffer>], _ context: ChannelHandlerContext) {
        let messages = frames.compactMap(message(for:))
        let bytes = messages.reduce(0) { $0 + $1.encodedBytes }
        var buffer = context.channel.allocator.buffer(capacity: bytes)
        for message in messages { message.encode(into: &buffer) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { self.writeEnded($0) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }

    private func message(for frame: RelayOutbound<ByteBuffer>) -> DERPServerMessage<ByteBuffer>? {
        switch frame {
        case .greeting: .serverKey(hub.publicKey)
        case .serverInfo(let client): hub.serverInfo(for: client)
        case .keepAlive: .keepAlive
        case .pong(let number): .pong(number)
        case .peerGone(let peer, let reason): .peerGone(peer, reason)
        case .packet(let source, let packet): .recvPacket(from: source, packet: packet)
        }
    }

    private func writeEnded(_ result: Result<Void, any Error>) {
        switch result {
        case .success: run(machine.writeCompleted(now: now))
        case .failure: run(machine.writeFailed())
        }
        armTimer()
    }

    // MARK: Deadlines

    /// Sees to it that the timer goes off no later than the machine's next deadline.
    ///
    /// A timer that goes off too early costs less than one that is set anew for every write.
    private func armTimer() {
        guard let context, let due = machine.nextDeadline else { return }
        // Rounded up: a timer that went off a fraction of a nanosecond early would be set again for the same time.
        let (seconds, attoseconds) = due.components
        let nanoseconds = seconds * 1_000_000_000 + (attoseconds + 999_999_999) / 1_000_000_000
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(nanoseconds))
        if let timer, timer.at <= deadline { return }
        timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.timerWentOff() }
        timer = (deadline, task)
    }

    private func timerWentOff() {
        timer = nil
        run(machine.deadlineReached(now: now))
        armTimer()
    }
}

/// A handler belongs to its event loop.
@available(*, unavailable)
extension RelayHandler: Sendable {}
