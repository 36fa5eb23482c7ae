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
/// A publication wakes the loop once, whatever has changed; it then looks at the streams whom the changes concern, and
/// each compares what its client knows with the newest snapshot. While a round takes long, publications gather and the
/// next round does them all at once: an idle server delivers at once, a busy one in bigger steps. A long round goes in
/// slices, with time for everything else between them.
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
    private var nextRound: (due: NIODeadline, task: Scheduled<Void>)?
    /// What the round under way has still to look after.
    private var remaining: [MapStream] = []
    private var isInRound = false
    private var publishedDuringRound = false
    private var turnIsScheduled = false
    /// The streams that have been told something, by the slots of their nodes.
    private var bySlot: [MapStream?] = []
    /// Up to where every stream that is not behind knows all that concerns it.
    private var settled = Revision.zero
    /// What ``settled`` will be when the round under way ends.
    private var roundTarget = Revision.zero
    private var findings = SharedFindings()
    private var pacer: MapStreamPacer
    private var keepAlives: Scheduled<Void>?
    private var keepAliveSpread = 0.0

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
        pacer = MapStreamPacer(restFactor: limits.restFactor)
    }

    /// How many streams are open.
    var count: Int { streams.count }

    // MARK: - Streams come and go

    /// A client has been let in on this loop.
    func clientCame(_ node: NodeID) {
        pacer.clientCame(node, at: .now())
    }

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
        clientCame(session.viewer)
        enqueueForFullMap(stream)
    }

    private func becameWritable(_ stream: MapStream) {
        fullMapArrived(stream)
        if !stream.waitsForFullMap { advance(stream, to: TailnetSnapshot(gate.snapshot)) }
    }

    private func closed(_ stream: MapStream) {
        guard streams.removeValue(forKey: ObjectIdentifier(stream)) != nil else { return }
        stream.isOpen = false
        if let slot = stream.slot, bySlot[slot.index] === stream { bySlot[slot.index] = nil }
        fullMapArrived(stream)
        counters.closed()
        let close = CloseMapStream(node: stream.session.viewer, generation: stream.session.generation)
        Self.submit(close, to: gate, on: eventLoop)
    }

    /// A close that is lost would leave the node online, so it is tried until the writer takes it.
    private static func submit(_ close: CloseMapStream, to gate: any TailnetGate, on eventLoop: any EventLoop) {
        gate.submit(close) { result in
            guard case .failure(let error) = result, error.code == .unavailable else { return }
            eventLoop.scheduleTask(in: .seconds(1)) { submit(close, to: gate, on: eventLoop) }
        }
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
        pause(before: .fullMaps) { [weak self] in self?.takeTurn() }
    }

    private func takeTurn() {
        turnIsScheduled = false
        let start = NIODeadline.now()
        let snapshot = TailnetSnapshot(gate.snapshot)
        var end = start
        var count = 0
        for stream in waiting {
            if fullMapsInFlight >= limits.fullMapsInFlightMax || end - start >= limits.sliceMax { break }
            count += 1
            guard stream.isOpen else { continue }
            stream.waitsForFullMap = false
            advance(stream, to: snapshot)
            if !stream.exchange.isWritable, stream.isOpen, stream.fullMapWritten == nil {
                stream.fullMapWritten = .now()
                fullMapsInFlight += 1
            }
            end = .now()
        }
        waiting.removeFirst(count)
        pacer.worked(.fullMaps, from: start, to: end)
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

    /// Lets the sockets have their turn, or a rest, before `body`.
    private func pause(before work: MapStreamPacer.Work, _ body: @escaping () -> Void) {
        eventLoop.assumeIsolated().scheduleTask(deadline: pacer.resumption(of: work, now: .now()), body)
    }

    // MARK: - Rounds

    /// A new snapshot is there.
    func published() {
        if isInRound {
            publishedDuringRound = true
        } else {
            scheduleRound()
        }
    }

    /// Begins a round as soon as what has happened is worth one.
    private func scheduleRound() {
        let now = NIODeadline.now()
        let haste = gate.snapshot.recentChanges.haste(since: settled)
        let due = pacer.resumption(of: .rounds, now: now, haste)
        if let nextRound {
            if nextRound.due <= due { return }
            nextRound.task.cancel()
        }
        nextRound = nil
        if due <= now { return beginRound() }
        let task = eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] () -> Void in
            self?.beginRound()
        }
        nextRound = (due, task)
    }

    private func beginRound() {
        nextRound = nil
        isInRound = true
        let tailnet = gate.snapshot
        roundTarget = tailnet.revision
        remaining = concerned(by: tailnet)
        runSlice()
    }

    /// The streams that may have to be told something since the last round.
    private func concerned(by tailnet: Tailnet) -> [MapStream] {
        guard let viewers = tailnet.recentChanges.viewers(since: settled) else { return Array(streams.values) }
        return viewers.compactMap { slot in slot.index < bySlot.count ? bySlot[slot.index] : nil }
    }

    /// Looks after streams for a while, each up to the newest snapshot, and then leaves the loop to its other work:
    /// when thousands join at once, letting them in comes before telling the others of each.
    private func runSlice() {
        let start = NIODeadline.now()
        let snapshot = TailnetSnapshot(gate.snapshot)
        var end = start
        while end - start < limits.sliceMax, let stream = remaining.popLast() {
            if stream.isOpen, !stream.waitsForFullMap, !advance(stream, to: snapshot) { stream.isBehind = true }
            end = .now()
        }
        pacer.worked(.rounds, from: start, to: end, isLast: remaining.isEmpty)
        guard remaining.isEmpty else {
            return pause(before: .rounds) { [weak self] in self?.runSlice() }
        }
        isInRound = false
        settled = roundTarget
        if publishedDuringRound {
            publishedDuringRound = false
            scheduleRound()
        }
    }

    /// Tells a client what it does not know yet.
    ///
    /// - Returns: false if it takes nothing now.
    @discardableResult
    private func advance(_ stream: MapStream, to snapshot: TailnetSnapshot) -> Bool {
        guard stream.exchange.isWritable else { return false }
        switch stream.step(to: snapshot, settled: settled, &findings) {
        case .none: break
        case .send(let difference): send(difference, on: stream)
        case .finish(let last):
            if let last { send(last, on: stream) }
            end(stream)
        }
        // What was written may have found the client gone.
        if stream.slot == nil, stream.isOpen { enterSlot(stream) }
        return true
    }

    /// From now on the stream is found by its node; one that is there already has been superseded.
    private func enterSlot(_ stream: MapStream) {
        guard let slot = stream.session.slot else { return }
        stream.slot = slot
        if slot.index >= bySlot.count {
            bySlot += [MapStream?](repeating: nil, count: slot.index + 1 - bySlot.count)
        }
        let former = bySlot[slot.index]
        bySlot[slot.index] = stream
        if let former { end(former) }
    }

    private func send(_ difference: MapDifference, on stream: MapStream) {
        let message = encoder.message(of: difference.pieces, isCompressed: stream.isCompressed)
        counters.sent(bytes: message.byteCount, isFull: difference.isFull)
        stream.keepAliveDue = nextKeepAlive()
        stream.exchange.write(message.buffers)
    }

    /// One framed message, for a client that asked for no stream.
    func message(for difference: MapDifference, isCompressed: Bool) -> ByteBuffer {
        encoder.message(of: difference.pieces, isCompressed: isCompressed).joined(encoder.allocator)
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
        encoder.message(of: [.own(KeepAlive.message(controlTime: now())[...])], isCompressed: isCompressed).copied
    }

    /// Spread by the golden ratio, so that no two streams in a row are due together; randomness would cost a call of the
    /// system for each message.
    private func nextKeepAlive() -> NIODeadline {
        keepAliveSpread = (keepAliveSpread + 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
        let jitter = Int64(Double(limits.keepAliveInterval.nanoseconds / 6) * keepAliveSpread)
        return .now() + limits.keepAliveInterval + .nanoseconds(jitter)
    }
}
