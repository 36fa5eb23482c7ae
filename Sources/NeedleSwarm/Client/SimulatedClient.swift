// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NeedleNoise
internal import NeedleTypes
package import NeedleWire
internal import Synchronization

/// A Tailscale client as a control server sees it: keys, registration, map streams.
///
/// It does what the Go client does where a server can tell, and is strict where that one is lenient, so that a test
/// notices. Every wait has a time limit; whatever fails throws a ``ClientError``.
///
/// ```swift
/// let client = try SimulatedClient(to: ControlTarget(url: "http://127.0.0.1:8080"), hostname: "a", authKey: key)
/// let stream = try await client.join()
/// try await stream.waitUntil { $0.peers.count == 3 }
/// ```
package final class SimulatedClient: Sendable {
    /// Where the server is.
    package let target: ControlTarget
    private let loop: any EventLoop
    private let core: NIOLoopBoundBox<ClientCore>
    private let state: Mutex<(keys: ClientKeys, options: ClientOptions)>

    /// A client that is not connected.
    package init(
        to target: ControlTarget,
        options: ClientOptions,
        keys: ClientKeys,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.target = target
        let loop = group.next()
        self.loop = loop
        core = NIOLoopBoundBox.makeBoxSendingValue(ClientCore(on: loop), eventLoop: loop)
        state = Mutex((keys, options))
    }

    /// A client with new keys.
    package convenience init(to target: ControlTarget, hostname: String, authKey: String = "") throws {
        var random = SystemRandomNumberGenerator()
        let options = ClientOptions(hostname: hostname, authKey: authKey)
        self.init(to: target, options: options, keys: try ClientKeys(using: &random))
    }

    // MARK: - Who it is

    /// Its keys; the node key changes only through registrations.
    package var keys: ClientKeys { state.withLock { $0.keys } }

    /// How it behaves from the next call on.
    package var options: ClientOptions {
        get { state.withLock { $0.options } }
        set { state.withLock { $0.options = newValue } }
    }

    /// Takes another discovery key, as a restarted process does; servers hear of it with the next map request.
    package func rotateDiscoKey() throws {
        var random = SystemRandomNumberGenerator()
        var keys = self.keys
        try keys.rotateDisco(using: &random)
        let rotated = keys
        state.withLock { $0.keys = rotated }
    }

    // MARK: - Connection

    /// Connects: `/key` unless the key is known, then `/ts2021`, the handshake and HTTP/2; an open connection is closed.
    package func connect() async throws {
        let (keys, options) = state.withLock { $0 }
        let opening = ControlOpening(
            target: target,
            machine: keys.machine,
            version: options.version,
            serverKey: options.serverKey,
            ephemeral: Self.randomBytes(32),
            windows: options.windows,
            alterInitiation: options.alterInitiation
        )
        let tls = target.isSecure ? try ControlDialer.tls() : nil
        let limit = TimeAmount(options.connectTimeLimit ?? options.timeLimit)
        try await onLoop { $0.connect(opening, tls: tls, timeLimit: limit) }
    }

    /// Waits until the connection is over.
    package func waitForDisconnection(timeLimit: Duration = .seconds(20)) async throws -> StreamEnd {
        try await onLoop { $0.waitForEnd(timeLimit: TimeAmount(timeLimit)) }
    }

    /// Closes as a program does that ends.
    package func close() async throws {
        try await onLoop { $0.close(abruptly: false) }
    }

    /// Vanishes as a machine does that crashes: the server gets a TCP reset.
    package func disconnect() async throws {
        try await onLoop { $0.close(abruptly: true) }
    }

    // MARK: - Requests

    /// Makes any request, and waits for its whole answer.
    package func perform(_ request: HTTP2Request, timeLimit: Duration? = nil) async throws -> ClientResponse {
        let limit = TimeAmount(timeLimit ?? options.timeLimit)
        return try await onLoop { $0.perform(request, timeLimit: limit) }
    }

    /// Makes a request whose answer must be 200.
    ///
    /// - Throws: ``ClientError/refused(status:text:)``.
    package func post(_ json: [UInt8], to path: String, timeLimit: Duration? = nil) async throws -> ClientResponse {
        let response = try await perform(
            HTTP2Request("POST", path, body: ByteBuffer(bytes: json)),
            timeLimit: timeLimit
        )
        guard response.status == 200 else { throw ClientError.refused(status: response.status, text: response.text) }
        return response
    }

    /// Opens a map stream with any request; returns when the server has said 200.
    package func openStream(_ request: MapRequest) async throws -> SimulatedMapStream {
        let options = self.options
        let http = HTTP2Request("POST", "/machine/map", body: ByteBuffer(bytes: request.json))
        return try await onLoop { core in
            core.stream(
                http,
                isCompressed: request.wantsZstandard,
                settings: options.mapStreams,
                timeLimit: TimeAmount(options.timeLimit)
            )
        }
    }

    // MARK: - Below requests

    /// Sends bytes as they are, below Noise.
    package func sendRaw(_ bytes: [UInt8]) async throws {
        try await onConnection { $0.sendRaw(ByteBuffer(bytes: bytes)) }
    }

    /// Seals bytes into records, below HTTP/2.
    package func sendPlaintext(_ bytes: [UInt8]) async throws {
        try await onConnection { $0.sendPlaintext(ByteBuffer(bytes: bytes)) }
    }

    /// Stops reading from the socket, or goes on.
    package func setReading(_ reads: Bool) async throws {
        try await onLoop { $0.setReading(reads) }
    }

    /// Stops giving HTTP/2 windows back, or goes on; what comes within them is still taken.
    package func withholdWindowUpdates(_ withholds: Bool) async throws {
        try await onConnection { $0.withholdWindowUpdates(withholds) }
    }

    // MARK: - Plumbing

    func replaceKeys(_ keys: ClientKeys) {
        state.withLock { $0.keys = keys }
    }

    private func onConnection(_ body: @escaping @Sendable (ControlConnection) -> Void) async throws {
        let loop = self.loop
        try await onLoop { (core) -> EventLoopFuture<Void> in
            guard let connection = core.current else { return loop.makeFailedFuture(ClientError.notConnected) }
            body(connection)
            return loop.makeSucceededVoidFuture()
        }
    }

    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (ClientCore) -> EventLoopFuture<Value>
    ) async throws -> Value {
        let core = self.core
        return try await loop.flatSubmit { body(core.value) }.get()
    }

    /// Bytes that nobody can guess; a multiple of eight costs one call of the system each.
    static func randomBytes(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        while bytes.count < count {
            withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(count))
    }
}
