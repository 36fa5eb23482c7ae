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
/// all at once: an idle server delivers at once, a busy one in bigger steps. A long round goes in slices, with time for
/// everything else between them.
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
    /// What the round under way has still to look after.
    private var remaining: [MapStream] = []
    private var isInRound = false
    private var publishedDuringRound = false
    private var turnIsScheduled = false
    private var turnRestUntil = NIODeadline.uptimeNanoseconds(0)
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
        fullMapArrived(stream)
        if !stream.waitsForFullMap { advance(stream, to: TailnetSnapshot(gate.snapshot)) }
    }

    private func closed(_ stream: MapStream) {
        guard streams.removeValue(forKey: ObjectIdentifier(stream)) != nil else { return }
        fullMapArrived(stream)
        counters.closed()
        gate.submit(CloseMapStream(node: stream.session.viewer, generation: stream.session.generation)) { _ in }
    }

    /// Ends a stream from this side, which the exchange does not report back.
    private func end(_ stream: MapStream) {
        stream.exchange.end()
        closed(stream)
    }

    /// Ends all streams, for shutdown.
    func endAll() {
        for stream in streams.values { end(stream) }
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
        let rest = turnRestUntil - .now()
        if rest.nanoseconds <= 0 {
            eventLoop.assumeIsolated().execute { [weak self] in self?.takeTurn() }
        } else {
            eventLoop.assumeIsolated().scheduleTask(in: rest) { [weak self] in self?.takeTurn() }
        }
    }

    private func takeTurn() {
        turnIsScheduled = false
        let start = NIODeadline.now()
        let snapshot = TailnetSnapshot(gate.snapshot)
        let room = min(limits.fullMapsPerTurnMax, limits.fullMapsInFlightMax - fullMapsInFlight)
        let next = waiting.prefix(max(room, 0))
        waiting.removeFirst(next.count)
        for stream in next where streams[ObjectIdentifier(stream)] != nil {
            stream.waitsForFullMap = false
            advance(stream, to: snapshot)
            if !stream.exchange.isWritable, streams[ObjectIdentifier(stream)] != nil, stream.fullMapWritten == nil {
                stream.fullMapWritten = .now()
                fullMapsInFlight += 1
            }
        }
        let end = NIODeadline.now()
        turnRestUntil = end + (end - start)
        scheduleTurn()
    }

    /// Makes room for another full map.
    private func fullMapArrived(_ stream: MapStream) {
        guard stream.fullMapWritten != nil else { return }
        stream.fullMapWritten = nil
        fullMapsInFlight -= 1
        scheduleTurn()
    }

    /// Clients that do not take their maps in must not keep others from theirs.
    private func forgetSlowFullMaps(at time: NIODeadline) {
        for stream in streams.values {
            if let written = stream.fullMapWritten, written + limits.fullMapPatience < time { fullMapArrived(stream) }
        }
    }

    // MARK: - Rounds

    /// A new snapshot is there.
    func published() {
        if isInRound {
            publishedDuringRound = true
            return
        }
        guard !roundIsScheduled else { return }
        roundIsScheduled = true
        let rest = restUntil - .now()
        if rest.nanoseconds <= 0 {
            beginRound()
        } else {
            eventLoop.assumeIsolated().scheduleTask(in: rest) { [weak self] in self?.beginRound() }
        }
    }

    private func beginRound() {
        roundIsScheduled = false
        isInRound = true
        remaining = Array(streams.values)
        runSlice()
    }

    /// Looks after streams for a while, each up to the newest snapshot, and then leaves the loop to its other work:
    /// when thousands join at once, letting them in comes before telling the others of each.
    private func runSlice() {
        let start = NIODeadline.now()
        let snapshot = TailnetSnapshot(gate.snapshot)
        var end = start
        while end - start < limits.sliceMax, let stream = remaining.popLast() {
            if streams[ObjectIdentifier(stream)] != nil, !stream.waitsForFullMap, stream.exchange.isWritable {
                advance(stream, to: snapshot)
            }
            end = .now()
        }
        let rest = TimeAmount.nanoseconds((end - start).nanoseconds * limits.restFactor)
        guard remaining.isEmpty else {
            eventLoop.assumeIsolated().scheduleTask(in: rest) { [weak self] in self?.runSlice() }
            return
        }
        isInRound = false
        restUntil = end + rest
        if publishedDuringRound {
            publishedDuringRound = false
            published()
        }
    }

    private func advance(_ stream: MapStream, to snapshot: TailnetSnapshot) {
        guard stream.exchange.isWritable else { return }
        switch stream.step(to: snapshot) {
        case .none: break
        case .send(let difference): send(difference, on: stream)
        case .finish(let last):
            if let last { send(last, on: stream) }
            end(stream)
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
        if fullMapsInFlight > 0 { forgetSlowFullMaps(at: time) }
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
