// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleNoise
internal import NeedleTypes
internal import NeedleWire

/// One client of a load run, on its event loop.
///
/// ```
/// held ─▶ waiting ─▶ connecting ─▶ registering ─▶ streaming
///            ▲            └─────────────┴────────────┴─▶ again, or given up
///            └──────────────────────────────────────────────┘
/// ```
///
/// Once it was let in, a client that comes again does not register: it has its node key, and asks for maps at once.
final class SwarmClient: ControlConnectionOwner {
    private let prepared: PreparedClient
    private let loop: SwarmLoop
    private var connection: ControlConnection?
    private var stream: CountingMapStream?
    private var alarm: Scheduled<Void>?
    private var serverKey: MachineKey?
    private var attempts = 0
    private var isConnecting = false
    private var isClosed = false
    private var isExact = false
    private var hasBeenExact = false
    private var hasExcess = false
    private var hasGivenUp = false
    private var filtersBefore = 0
    private var markersBefore = 0
    private var changes = 0
    /// Of which changed nodes the client has been told.
    private var delivered: Set<Int64> = []
    /// What the client has seen so far.
    private(set) var result = SwarmClientResult()

    init(_ prepared: PreparedClient, on loop: SwarmLoop) {
        self.prepared = prepared
        self.loop = loop
        result.member = prepared.member
        result.goal = prepared.goal
    }

    /// Which member of the run it is.
    var member: Int { prepared.member }

    /// Its place among those who join first.
    var rank: Int? { prepared.rank }

    /// Whether it can ask the server for something.
    var isStreaming: Bool { stream != nil && connection != nil }

    /// Its node, if it has a stream and has been told.
    var ownNode: Int64? { isStreaming ? result.tally.own : nil }

    // MARK: - What the run wants

    /// Lets a client that was held back begin.
    func release() {
        guard !result.isReleased else { return }
        result.isReleased = true
        loop.enqueue(self)
    }

    /// Gives the client something else to come to see, and starts counting messages anew.
    func pursue(_ goal: SwarmGoal) {
        result.goal = goal
        result.messages = 0
        filtersBefore = result.tally.filters
        markersBefore = result.tally.markers
        delivered = []
        setExact(false)
        judge()
    }

    /// Loses the connection, as a machine does whose network fails, and comes again.
    func drop() {
        guard result.isReleased, let connection else { return }
        leave(connection)
        connection.close(abruptly: true)
        loop.enqueue(self)
    }

    /// Goes away, and comes again after a while.
    func leave(for time: TimeAmount) {
        guard result.isReleased, let connection else { return }
        leave(connection)
        connection.close()
        loop.eventLoop.assumeIsolated().scheduleTask(in: time) { [loop] in
            if !loop.isStopping { loop.enqueue(self) }
        }
    }

    /// Tells the server of new endpoints, if there is a connection.
    func change() -> Bool {
        guard let own = ownNode, own != 0, let connection else { return false }
        changes += 1
        let body = prepared.update(changes, version: loop.configuration.version)
        _ = connection.send(HTTP2Request("POST", "/machine/map", body: body), to: UpdateReceiver(loop))
        return true
    }

    /// Closes for good.
    func close() {
        isClosed = true
        alarm?.cancel()
        connection?.close()
    }

    // MARK: - Life

    func connect() {
        attempts += 1
        isConnecting = true
        var opening = prepared.opening
        opening.ephemeral = SimulatedClient.randomBytes(32)
        opening.serverKey = serverKey
        let connection = ControlConnection(opening, scratch: loop.scratch, owner: self)
        self.connection = connection
        let limit = TimeAmount(loop.configuration.connectTimeLimit)
        alarm = loop.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            self.connectionEnded(
                connection,
                .failed(.timedOut(waitingFor: "the handshake", milliseconds: limit.nanoseconds / 1_000_000))
            )
            connection.close()
        }
        ControlDialer.connect(
            NIOLoopBound(connection, eventLoop: loop.eventLoop),
            to: opening.target,
            from: prepared.source,
            tls: loop.tls,
            on: loop.eventLoop,
            timeLimit: limit
        ).assumeIsolated().whenFailure { error in
            self.connectionEnded(connection, .failed(.unreachable(because: error)))
        }
    }

    /// From here on the client waits as long as the run does, as real ones do: to ask a slow server again would only
    /// add to what it has to do.
    func connectionOpened(_ connection: ControlConnection) {
        serverKey = connection.serverKey
        alarm?.cancel()
        alarm = nil
        if result.registered != nil {
            leaveConnecting()
            openStream()
        } else {
            let request = HTTP2Request("POST", "/machine/register", body: prepared.registration)
            _ = connection.send(request, to: RegistrationReceiver(self))
        }
    }

    func connectionEnded(_ connection: ControlConnection, _ end: StreamEnd) {
        guard self.connection === connection else { return }
        leave(connection)
        guard !isClosed, !loop.isStopping else { return }
        loop.progress.errors += 1
        loop.board.count(error: "\(end)")
        guard result.registered != nil || attempts < loop.configuration.attemptsMax else { return giveUp() }
        let delay = TimeAmount.milliseconds(.random(in: 200...1000) * Int64(min(attempts, 5)))
        loop.eventLoop.assumeIsolated().scheduleTask(in: delay) { [loop] in loop.enqueue(self) }
    }

    /// Forgets the connection and what came on it.
    private func leave(_ connection: ControlConnection) {
        self.connection = nil
        stream = nil
        leaveConnecting()
        result.tally.forgetPeers()
        if result.firstMap != nil {
            result.firstMap = nil
            loop.progress.mapped -= 1
        }
        setExcess(false)
        setExact(false)
    }

    private func giveUp() {
        hasGivenUp = true
        result.hasGivenUp = true
        loop.progress.failed += 1
        loop.board.clientFailed()
    }

    private func leaveConnecting() {
        alarm?.cancel()
        alarm = nil
        guard isConnecting else { return }
        isConnecting = false
        loop.connectingEnded()
    }

    /// Ends the connection because of what came on it.
    private func fail(_ error: ClientError) {
        guard let connection else { return }
        connectionEnded(connection, .failed(error))
        connection.close()
    }

    // MARK: - Registration

    func registered(_ outcome: Result<RegisterResponse, ClientError>) {
        switch outcome {
        case .failure(let error): fail(error)
        case .success(let response):
            guard response.error.isEmpty else { return fail(.registrationRefused(response.error)) }
            guard response.isAcceptance else { return fail(.needsLogin(url: response.authURL)) }
            if result.registered == nil {
                result.registered = .now()
                loop.progress.registered += 1
            }
            leaveConnecting()
            openStream()
        }
    }

    private func openStream() {
        guard let connection else { return }
        let stream = CountingMapStream(client: self)
        self.stream = stream
        result.tally.forgetPeers()
        _ = connection.send(HTTP2Request("POST", "/machine/map", body: prepared.mapRequest), to: stream)
    }

    // MARK: - Maps

    func streamReceived(bytes: Int) {
        loop.progress.wireBytes += bytes
    }

    func streamReceived(message: ByteBuffer, on stream: CountingMapStream) throws(ClientError) {
        // What still comes on a stream that was left is nobody's.
        guard self.stream === stream else { return }
        let isMore = try loop.counter.count(
            message,
            isCompressed: loop.configuration.compresses,
            in: &result.tally
        )
        guard isMore else {
            loop.progress.keepAlives += 1
            return
        }
        let now = NIODeadline.now()
        loop.progress.messages += 1
        loop.progress.lastMessage = now
        result.messages += 1
        if result.firstMap == nil {
            attempts = 0
            if hasBeenExact, result.tally.count != result.goal.expectedPeers { result.wrongMapsAfterBreaks += 1 }
            result.firstMap = now
            loop.progress.mapped += 1
        }
        if loop.deliveries.isActive { noteDeliveries() }
        judge()
    }

    private func noteDeliveries() {
        for fact in loop.counter.facts {
            switch fact {
            case .patched(let id), .peer(let id):
                guard let since = loop.deliveries.change(of: id), delivered.insert(id).inserted else { continue }
                loop.deliveries.add(.now() - since)
            default: continue
            }
        }
    }

    func streamEnded(_ stream: CountingMapStream, _ end: StreamEnd) {
        guard let connection, self.stream === stream else { return }
        connectionEnded(connection, end)
        connection.close()
    }

    private func judge() {
        let tally = result.tally
        let goal = result.goal
        setExcess(result.firstMap != nil && tally.count > goal.expectedPeers)
        setExact(
            result.firstMap != nil && tally.count == goal.expectedPeers
                && (!goal.needsFilter || tally.filters > filtersBefore)
                && (!goal.needsMarker || tally.markers > markersBefore)
        )
    }

    private func setExcess(_ isNow: Bool) {
        guard isNow != hasExcess else { return }
        hasExcess = isNow
        loop.progress.excess += isNow ? 1 : -1
    }

    private func setExact(_ isNow: Bool) {
        guard isNow != isExact, !hasGivenUp else { return }
        isExact = isNow
        if isNow { hasBeenExact = true }
        result.exact = isNow ? .now() : nil
        loop.progress.exact += isNow ? 1 : -1
        loop.board.exactChanged(by: isNow ? 1 : -1)
    }
}

/// Takes the answer to an update.
private final class UpdateReceiver: ResponseReceiver {
    private let loop: SwarmLoop

    init(_ loop: SwarmLoop) {
        self.loop = loop
    }

    func received(status: Int) {
        if status != 200 { loop.board.count(error: "an update was answered with \(status)") }
    }

    func received(body: ByteBuffer) {}

    func responseEnded(_ end: StreamEnd) {}
}

/// Takes the answer to a registration.
private final class RegistrationReceiver: ResponseReceiver {
    private let client: SwarmClient
    private var status: Int?
    private var body = ByteBuffer()

    init(_ client: SwarmClient) {
        self.client = client
    }

    func received(status: Int) {
        self.status = status
    }

    func received(body piece: ByteBuffer) {
        guard body.readableBytes < 65_536 else { return }
        body.writeImmutableBuffer(piece)
    }

    func responseEnded(_ end: StreamEnd) {
        // An ended connection is heard of by the client itself.
        guard end == .finished, let status else { return }
        let text = String(decoding: body.readableBytesView, as: UTF8.self).trimmingNewlines
        guard status == 200 else { return client.registered(.failure(.refused(status: status, text: text))) }
        do throws(WireError) {
            client.registered(.success(try RegisterResponse.decode(body.readableBytesView)))
        } catch {
            client.registered(.failure(.malformed(error)))
        }
    }
}
