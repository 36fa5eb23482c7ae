// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel
internal import NeedleTypes
internal import NeedleWire

/// The map streams of one event loop.
///
/// Everything here runs on that loop.
///
/// A publication wakes the loop once, whatever has changed; it then walks its streams, and each compares what its
/// client knows with the newest snapshot. While a round takes long, publications gather and the next round does them
/// all at once: an idle server delivers at once, a busy one in bigger steps.
final class MapStreamLoop {
    private let eventLoop: any EventLoop
    private let gate: any TailnetGate
    private let encoder: MapMessageEncoder
    private let limits: MapStreamLimits
    private let counters: MapStreamCounters
    private let now: @Sendable () -> Timestamp
    private var streams: [ObjectIdentifier: MapStream] = [:]
    private var waiting: [MapStream] = []
    private var fullMapsInFlight = 0
    private var roundIsScheduled = false
    private var turnIsScheduled = false
    private var restUntil = NIODeadline.uptimeNanoseconds(0)
    private var keepAlives: Scheduled<Void>?

    init(
        eventLoop: any EventLoop,
        gate: any TailnetGate,
        encoder: MapMessageEncoder,
        limits: MapStreamLimits,
        counters: MapStreamCounters,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.eventLoop = eventLoop
        self.gate = gate
        self.encoder = encoder
        self.limits = limits
        self.counters = counters
        self.now = now
    }

    /// How many streams are open.
    var count: Int { streams.count }

    // MARK: - Streams come and go

    /// Takes over `exchange`, whose stream has been opened in the model as `session`.
    func add(_ session: MapSession, on exchange: InnerExchange, isCompressed: Bool) {
        let stream = MapStream(
            exchange: exchange,
            session: session,
            isCompressed: isCompressed,
            keepAliveDue: nextKeepAlive()
        )
        streams[ObjectIdentifier(stream)] = stream
        counters.opened()
        exchange.startStream(status: 200)
        exchange.onWritable = { [weak self, weak stream] in
            if let self, let stream { self.becameWritable(stream) }
        }
        startKeepAlives()
        // Calls back at once if the client has gone away meanwhile.
        exchange.onClosed = { [weak self, weak stream] in
            if let self, let stream { self.closed(stream) }
        }
        enqueueForFullMap(stream)
    }

    private func becameWritable(_ stream: MapStream) {
        if stream.holdsFullMap {
            stream.holdsFullMap = false
            fullMapsInFlight -= 1
            scheduleTurn()
        }
        if !stream.waitsForFullMap { advance(stream, to: gate.snapshot) }
    }

    private func closed(_ stream: MapStream) {
        guard streams.removeValue(forKey: ObjectIdentifier(stream)) != nil else { return }
        if stream.holdsFullMap {
            fullMapsInFlight -= 1
            scheduleTurn()
        }
        counters.closed()
        gate.submit(CloseMapStream(node: stream.session.viewer, generation: stream.session.generation)) { _ in }
    }

    /// Ends all streams, for shutdown.
    func endAll() {
        for stream in streams.values { stream.exchange.end() }
        keepAlives?.cancel()
    }

    // MARK: - Full maps, a few at a time

    private func enqueueForFullMap(_ stream: MapStream) {
        stream.waitsForFullMap = true
        waiting.append(stream)
        scheduleTurn()
    }

    private func scheduleTurn() {
        guard !turnIsScheduled, !waiting.isEmpty, fullMapsInFlight < limits.fullMapsInFlightMax else { return }
        turnIsScheduled = true
        eventLoop.assumeIsolated().execute { [weak self] in self?.takeTurn() }
    }

    private func takeTurn() {
        turnIsScheduled = false
        let tailnet = gate.snapshot
        let room = min(limits.fullMapsPerTurnMax, limits.fullMapsInFlightMax - fullMapsInFlight)
        let next = waiting.prefix(max(room, 0))
        waiting.removeFirst(next.count)
        for stream in next where streams[ObjectIdentifier(stream)] != nil {
            stream.waitsForFullMap = false
            advance(stream, to: tailnet)
            if !stream.exchange.isWritable, streams[ObjectIdentifier(stream)] != nil, !stream.holdsFullMap {
                stream.holdsFullMap = true
                fullMapsInFlight += 1
            }
        }
        scheduleTurn()
    }

    // MARK: - Rounds

    /// A new snapshot is there.
    func published() {
        guard !roundIsScheduled else { return }
        roundIsScheduled = true
        let rest = restUntil - .now()
        if rest.nanoseconds <= 0 {
            runRound()
        } else {
            eventLoop.assumeIsolated().scheduleTask(in: rest) { [weak self] in self?.runRound() }
        }
    }

    private func runRound() {
        roundIsScheduled = false
        let start = NIODeadline.now()
        let tailnet = gate.snapshot
        for stream in streams.values where !stream.waitsForFullMap && stream.exchange.isWritable {
            advance(stream, to: tailnet)
        }
        // As long as it took, the loop now has for its other work.
        let end = NIODeadline.now()
        restUntil = end + (end - start)
    }

    private func advance(_ stream: MapStream, to tailnet: Tailnet) {
        guard stream.exchange.isWritable else { return }
        switch stream.step(to: tailnet) {
        case .none: break
        case .send(let difference): send(difference, on: stream)
        case .finish(let last):
            if let last { send(last, on: stream) }
            stream.exchange.end()
        }
    }

    private func send(_ difference: MapDifference, on stream: MapStream) {
        let message = encoder.message(of: difference.pieces, isCompressed: stream.isCompressed)
        counters.sent(bytes: message.readableBytes, isFull: difference.isFull)
        stream.keepAliveDue = nextKeepAlive()
        stream.exchange.write(message)
    }

    /// One framed message, for a client that asked for no stream.
    func message(for difference: MapDifference, isCompressed: Bool) -> ByteBuffer {
        encoder.message(of: difference.pieces, isCompressed: isCompressed)
    }

    // MARK: - Keep-alives

    /// Looks once a second who has heard nothing for too long, as long as there are streams.
    private func startKeepAlives() {
        guard keepAlives == nil, !streams.isEmpty else { return }
        keepAlives = eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [weak self] in
            self?.keepAlives = nil
            self?.sendKeepAlives()
            self?.startKeepAlives()
        }
    }

    private func sendKeepAlives() {
        let time = NIODeadline.now()
        var messages: [Bool: ByteBuffer] = [:]
        for stream in streams.values
        where stream.keepAliveDue <= time && !stream.waitsForFullMap && stream.exchange.isWritable {
            let message = messages[stream.isCompressed] ?? keepAlive(isCompressed: stream.isCompressed)
            messages[stream.isCompressed] = message
            stream.keepAliveDue = nextKeepAlive()
            stream.exchange.write(message)
        }
    }

    private func keepAlive(isCompressed: Bool) -> ByteBuffer {
        encoder.message(of: [.own(KeepAlive.message(controlTime: now()))], isCompressed: isCompressed)
    }

    private func nextKeepAlive() -> NIODeadline {
        let jitter = Int64.random(in: 0...limits.keepAliveInterval.nanoseconds / 6)
        return .now() + limits.keepAliveInterval + .nanoseconds(jitter)
    }
}
