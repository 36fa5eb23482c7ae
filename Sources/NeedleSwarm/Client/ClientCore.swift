// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOSSL
internal import NeedleTypes

/// The part of a simulated client that lives on its event loop: the connection, and who waits for it.
final class ClientCore: ControlConnectionOwner {
    private let loop: any EventLoop
    private let scratch = LoopScratch()
    private var connection: ControlConnection?
    private var opened: EventLoopPromise<Void>?
    private var ending: [EventLoopPromise<StreamEnd>] = []
    private var channel: (any Channel)?
    private var decoder: ZstdDecoder?
    /// How the last connection ended; nil while one is open, or before the first.
    private(set) var end: StreamEnd?

    init(on loop: any EventLoop) {
        self.loop = loop
    }

    // MARK: - Connecting

    func connect(_ opening: ControlOpening, tls: NIOSSLContext?, timeLimit: TimeAmount) -> EventLoopFuture<Void> {
        connection?.close()
        let promise = loop.makePromise(of: Void.self)
        let connection = ControlConnection(opening, scratch: scratch, owner: self)
        self.connection = connection
        opened = promise
        end = nil
        let alarm = loop.assumeIsolated().scheduleTask(in: timeLimit) {
            let milliseconds = timeLimit.nanoseconds / 1_000_000
            promise.fail(ClientError.timedOut(waitingFor: "the control connection", milliseconds: milliseconds))
            connection.close()
        }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        let bound = NIOLoopBound(connection, eventLoop: loop)
        let dialled = ControlDialer.connect(
            bound,
            to: opening.target,
            from: nil,
            tls: tls,
            on: loop,
            timeLimit: timeLimit
        )
        dialled.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.channel = channel
            case .failure(let error):
                promise.fail(ClientError.unreachable(because: error))
                if self.connection === connection { self.connection = nil }
            }
        }
        return promise.futureResult
    }

    func connectionOpened(_ connection: ControlConnection) {
        opened?.succeed()
        opened = nil
    }

    func connectionEnded(_ connection: ControlConnection, _ end: StreamEnd) {
        guard self.connection === connection else { return }
        self.connection = nil
        channel = nil
        self.end = end
        if case .failed(let error) = end { opened?.fail(error) } else { opened?.fail(ClientError.ended(end)) }
        opened = nil
        let waiting = ending
        ending = []
        for promise in waiting { promise.succeed(end) }
    }

    // MARK: - Requests

    func perform(_ request: HTTP2Request, timeLimit: TimeAmount) -> EventLoopFuture<ClientResponse> {
        guard let connection else { return loop.makeFailedFuture(ClientError.notConnected) }
        let promise = loop.makePromise(of: ClientResponse.self)
        let stream = connection.send(request, to: ResponseCollector(promise))
        let alarm = loop.assumeIsolated().scheduleTask(in: timeLimit) {
            let milliseconds = timeLimit.nanoseconds / 1_000_000
            promise.fail(
                ClientError.timedOut(waitingFor: "the answer of \(request.path)", milliseconds: milliseconds)
            )
            if let stream { connection.reset(stream: stream) }
        }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        return promise.futureResult
    }

    /// Opens a map stream; the future is done when the server has said 200.
    func stream(
        _ request: HTTP2Request,
        isCompressed: Bool,
        settings: MapStreamSettings,
        timeLimit: TimeAmount
    ) -> EventLoopFuture<SimulatedMapStream> {
        guard let connection else { return loop.makeFailedFuture(ClientError.notConnected) }
        let started = loop.makePromise(of: Void.self)
        let decoder: ZstdDecoder
        do throws(ClientError) {
            decoder = try sharedDecoder()
        } catch {
            return loop.makeFailedFuture(error)
        }
        let cancellation = StreamCancellation(connection)
        let bound = NIOLoopBound(cancellation, eventLoop: loop)
        let loop = self.loop
        let handle = SimulatedMapStream(on: loop, messagesKeptMax: settings.messagesKeptMax) {
            loop.execute { bound.value.cancel() }
        }
        let receiver = MapStreamReceiver(
            handle,
            isCompressed: isCompressed,
            settings: settings,
            decoder: decoder,
            started: started,
            giveUp: { loop.execute { bound.value.cancel() } }
        )
        cancellation.stream = connection.send(request, to: receiver)
        let alarm = loop.scheduleTask(in: timeLimit) {
            let milliseconds = timeLimit.nanoseconds / 1_000_000
            started.fail(ClientError.timedOut(waitingFor: "the map stream's status", milliseconds: milliseconds))
            bound.value.cancel()
        }
        started.futureResult.whenComplete { _ in alarm.cancel() }
        return started.futureResult.map { handle }
    }

    private func sharedDecoder() throws(ClientError) -> ZstdDecoder {
        if let decoder { return decoder }
        let made = try ZstdDecoder()
        decoder = made
        return made
    }

    // MARK: - The connection

    /// The connection, for hooks that reach below requests.
    var current: ControlConnection? { connection }

    func setReading(_ reads: Bool) -> EventLoopFuture<Void> {
        guard let channel else { return loop.makeFailedFuture(ClientError.notConnected) }
        return channel.setOption(.autoRead, value: reads)
    }

    func waitForEnd(timeLimit: TimeAmount) -> EventLoopFuture<StreamEnd> {
        if connection == nil, let end { return loop.makeSucceededFuture(end) }
        let promise = loop.makePromise(of: StreamEnd.self)
        ending.append(promise)
        let alarm = loop.scheduleTask(in: timeLimit) {
            let milliseconds = timeLimit.nanoseconds / 1_000_000
            promise.fail(
                ClientError.timedOut(waitingFor: "the end of the connection", milliseconds: milliseconds)
            )
        }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        return promise.futureResult
    }

    func close(abruptly: Bool) -> EventLoopFuture<Void> {
        guard let connection, let channel else { return loop.makeSucceededVoidFuture() }
        connection.close(abruptly: abruptly)
        return channel.closeFuture
    }
}

/// A way to give up a stream that outlives its request.
private final class StreamCancellation {
    private weak var connection: ControlConnection?
    var stream: UInt32?

    init(_ connection: ControlConnection) {
        self.connection = connection
    }

    func cancel() {
        guard let stream else { return }
        connection?.reset(stream: stream)
    }
}
