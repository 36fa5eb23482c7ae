// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleNoise
internal import NeedleTypes
internal import NeedleWire

/// One client of a load run, on its event loop.
///
/// ```
/// waiting ─▶ connecting ─▶ registering ─▶ streaming
///    ▲            └─────────────┴────────────┴─▶ again, or given up
///    └──────────────────────────────────────────────┘
/// ```
final class SwarmClient: ControlConnectionOwner {
    private let prepared: PreparedClient
    private let loop: SwarmLoop
    private var connection: ControlConnection?
    private var stream: CountingMapStream?
    private var alarm: Scheduled<Void>?
    private var attempts = 0
    private var isConnecting = false
    private var isClosed = false
    private var isExact = false
    /// What the client has seen so far.
    private(set) var result = SwarmClientResult()

    init(_ prepared: PreparedClient, on loop: SwarmLoop) {
        self.prepared = prepared
        self.loop = loop
        result.expectedPeers = prepared.expectedPeers
    }

    // MARK: - Life

    func connect() {
        attempts += 1
        isConnecting = true
        var opening = prepared.opening
        opening.ephemeral = SimulatedClient.randomBytes(32)
        let connection = ControlConnection(opening, scratch: loop.scratch, owner: self)
        self.connection = connection
        let limit = TimeAmount(loop.configuration.connectTimeLimit)
        alarm = loop.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            self.connectionEnded(
                connection,
                .failed(.timedOut(waitingFor: "the registration", milliseconds: limit.nanoseconds / 1_000_000))
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
            self.connectionEnded(connection, .failed(.unreachable("\(error)")))
        }
    }

    func close() {
        isClosed = true
        alarm?.cancel()
        connection?.close()
    }

    func connectionOpened(_ connection: ControlConnection) {
        let request = HTTP2Request("POST", "/machine/register", body: prepared.registration)
        _ = connection.send(request, to: RegistrationReceiver(self))
    }

    func connectionEnded(_ connection: ControlConnection, _ end: StreamEnd) {
        guard self.connection === connection else { return }
        self.connection = nil
        stream = nil
        leaveConnecting()
        setExact(false)
        guard !isClosed, !loop.isStopping else { return }
        loop.progress.errors += 1
        loop.board.count(error: "\(end)")
        guard attempts < loop.configuration.attemptsMax else { return giveUp() }
        let delay = TimeAmount.milliseconds(.random(in: 200...1000) * Int64(attempts))
        loop.eventLoop.assumeIsolated().scheduleTask(in: delay) { [loop] in loop.enqueue(self) }
    }

    private func giveUp() {
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
        let stream = CountingMapStream(
            counter: loop.counter,
            isCompressed: loop.configuration.compresses,
            client: self
        )
        self.stream = stream
        result.tally = PeerTally()
        _ = connection.send(HTTP2Request("POST", "/machine/map", body: prepared.mapRequest), to: stream)
    }

    // MARK: - Maps

    func streamReceived(bytes: Int) {
        loop.progress.wireBytes += bytes
    }

    func streamReceivedMessage(_ tally: PeerTally, isKeepAlive: Bool) {
        if isKeepAlive {
            loop.progress.keepAlives += 1
            return
        }
        loop.progress.messages += 1
        result.tally = tally
        if result.firstMap == nil {
            result.firstMap = .now()
            loop.progress.mapped += 1
        }
        setExact(tally.count == prepared.expectedPeers)
    }

    func streamEnded(_ end: StreamEnd) {
        guard let connection, stream != nil else { return }
        connectionEnded(connection, end)
        connection.close()
    }

    private func setExact(_ isNow: Bool) {
        guard isNow != isExact else { return }
        isExact = isNow
        result.exact = isNow ? .now() : nil
        loop.progress.exact += isNow ? 1 : -1
        loop.board.exactChanged(by: isNow ? 1 : -1)
    }
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
