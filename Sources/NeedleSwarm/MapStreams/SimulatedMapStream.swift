// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
package import NeedleWire
internal import Synchronization

/// One map stream of a simulated client, readable from anywhere while messages arrive.
package final class SimulatedMapStream: Sendable {
    private struct Waiter {
        let id: UInt64
        let isDone: @Sendable (ClientMap) -> Bool
        let promise: EventLoopPromise<ClientMap>
        let alarm: Scheduled<Void>
    }

    private struct State {
        var map = ClientMap()
        var messageCount = 0
        var keepAliveCount = 0
        var wireBytes = 0
        var messages: [MapResponse] = []
        var end: StreamEnd?
        var waiters: [Waiter] = []
        var ending: [EventLoopPromise<StreamEnd>] = []
        var nextWaiter: UInt64 = 0
    }

    private let loop: any EventLoop
    private let messagesKeptMax: Int
    private let closes: @Sendable () -> Void
    private let state = Mutex(State())

    init(on loop: any EventLoop, messagesKeptMax: Int, closes: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.messagesKeptMax = messagesKeptMax
        self.closes = closes
    }

    // MARK: - What has come

    /// What the client knows by now.
    package var map: ClientMap { state.withLock { $0.map } }
    /// Messages, keep-alives not counted.
    package var messageCount: Int { state.withLock { $0.messageCount } }
    /// Keep-alives.
    package var keepAliveCount: Int { state.withLock { $0.keepAliveCount } }
    /// Bytes of the response's body, as compressed.
    package var wireBytes: Int { state.withLock { $0.wireBytes } }
    /// The last messages, as many as the client's settings say.
    package var messages: [MapResponse] { state.withLock { $0.messages } }
    /// How the stream ended; nil while it goes on.
    package var end: StreamEnd? { state.withLock { $0.end } }

    // MARK: - Waiting

    /// Waits until the map is as `isDone` wants it; woken by messages, not by the clock.
    ///
    /// - Parameters:
    ///   - what: for the error, such as "three peers".
    ///   - timeLimit: after which it throws.
    ///   - isDone: called with the map as it is now, then after each message.
    /// - Returns: the map for which `isDone` held.
    /// - Throws: ``ClientError/timedOut(waitingFor:milliseconds:)`` or ``ClientError/ended(_:)``.
    @discardableResult
    package func waitUntil(
        _ what: String = "the awaited map",
        timeLimit: Duration = .seconds(20),
        _ isDone: @escaping @Sendable (ClientMap) -> Bool
    ) async throws -> ClientMap {
        let loop = self.loop
        return try await loop.flatSubmit { self.wait(what, TimeAmount(timeLimit), isDone) }.get()
    }

    /// Waits for the first message.
    @discardableResult
    package func firstMap(timeLimit: Duration = .seconds(20)) async throws -> ClientMap {
        try await waitUntil("the first map", timeLimit: timeLimit) { $0.node != nil }
    }

    /// Waits for the end of the stream.
    ///
    /// - Throws: ``ClientError/timedOut(waitingFor:milliseconds:)``.
    package func waitForEnd(timeLimit: Duration = .seconds(20)) async throws -> StreamEnd {
        let promise = loop.makePromise(of: StreamEnd.self)
        let limit = TimeAmount(timeLimit)
        let alarm = loop.scheduleTask(in: limit) {
            promise.fail(
                ClientError.timedOut(waitingFor: "the end of the stream", milliseconds: limit.nanoseconds / 1_000_000)
            )
        }
        let end = state.withLock { state in
            if state.end == nil { state.ending.append(promise) }
            return state.end
        }
        if let end { promise.succeed(end) }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        return try await promise.futureResult.get()
    }

    /// Resets the stream, as a client does that needs no more of it; the connection stays.
    package func cancel() {
        closes()
    }

    // MARK: - On the event loop

    private func wait(
        _ what: String,
        _ limit: TimeAmount,
        _ isDone: @escaping @Sendable (ClientMap) -> Bool
    ) -> EventLoopFuture<ClientMap> {
        let (map, end, id) = state.withLock { state in
            state.nextWaiter += 1
            return (state.map, state.end, state.nextWaiter)
        }
        if isDone(map) { return loop.makeSucceededFuture(map) }
        if let end { return loop.makeFailedFuture(ClientError.ended(end)) }
        let promise = loop.makePromise(of: ClientMap.self)
        let alarm = loop.scheduleTask(in: limit) {
            let milliseconds = limit.nanoseconds / 1_000_000
            self.take([id]).first?.promise.fail(ClientError.timedOut(waitingFor: what, milliseconds: milliseconds))
        }
        // Messages arrive on this event loop, so none can have come since the map was looked at.
        state.withLock { $0.waiters.append(Waiter(id: id, isDone: isDone, promise: promise, alarm: alarm)) }
        return promise.futureResult
    }

    /// Counts bytes of the body.
    func received(bytes: Int) {
        state.withLock { $0.wireBytes += bytes }
    }

    /// Applies a message, and wakes those whose map it makes.
    func received(_ message: MapResponse) throws(ClientMap.Violation) {
        let violation = state.withLock { state -> ClientMap.Violation? in
            if message.keepAlive {
                state.keepAliveCount += 1
            } else {
                state.messageCount += 1
            }
            if messagesKeptMax > 0 {
                if state.messages.count >= messagesKeptMax { state.messages.removeFirst() }
                state.messages.append(message)
            }
            do throws(ClientMap.Violation) {
                try state.map.apply(message)
                return nil
            } catch {
                return error
            }
        }
        if let violation { throw violation }
        let (map, waiters) = state.withLock { ($0.map, $0.waiters) }
        let done = waiters.filter { $0.isDone(map) }
        for waiter in take(done.map(\.id)) {
            waiter.alarm.cancel()
            waiter.promise.succeed(map)
        }
    }

    /// Tells everybody who waits that nothing more will come.
    func ended(_ end: StreamEnd) {
        let (waiters, ending) = state.withLock { state in
            guard state.end == nil else { return ([Waiter](), [EventLoopPromise<StreamEnd>]()) }
            state.end = end
            let open = (state.waiters, state.ending)
            state.waiters = []
            state.ending = []
            return open
        }
        for waiter in waiters {
            waiter.alarm.cancel()
            waiter.promise.fail(ClientError.ended(end))
        }
        for promise in ending { promise.succeed(end) }
    }

    private func take(_ ids: [UInt64]) -> [Waiter] {
        guard !ids.isEmpty else { return [] }
        return state.withLock { state in
            let taken = state.waiters.filter { ids.contains($0.id) }
            state.waiters.removeAll { ids.contains($0.id) }
            return taken
        }
    }
}
