// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
package import Logging
internal import NIOCore
internal import NIOPosix
internal import NeedleAdmin
internal import NeedleModel
internal import NeedleNoise
internal import NeedleStorage
internal import NeedleStorageSQLite
internal import NeedleTransport
internal import NeedleTypes
internal import NeedleWire
internal import ServiceLifecycle
internal import UnixSignals

/// A whole server: opens what it needs in order, runs until it is told to stop, and stops in the opposite order.
package struct NeedletailServer {
    /// Where the server can be reached, once it accepts.
    package struct Ready: Sendable {
        /// The configuration with the ports that were really bound.
        package let configuration: Configuration
        /// The first user's name, if there is one already.
        package let firstUser: String?
    }

    /// The one tailnet that a server has so far.
    static let tailnet = TailnetID(1)

    let configuration: Configuration
    let logger: Logger
    private let onReady: @Sendable (Ready) -> Void

    /// A server that calls `onReady` once when it accepts connections.
    package init(
        configuration: Configuration,
        logger: Logger,
        onReady: @escaping @Sendable (Ready) -> Void
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onReady = onReady
    }

    /// Runs until `SIGTERM` or `SIGINT`, then ends every stream within 5 s.
    ///
    /// - Throws: ``ServerError``, ``StoreError`` or ``ListenerError``: sentences for the administrator.
    package func run() async throws {
        var configuration = self.configuration
        let directory = try DataDirectory(path: configuration.dataDirectory)
        defer { directory.unlock() }
        let store = try SQLiteStore(path: configuration.database.sqlite.path)
        let group = MultiThreadedEventLoopGroup.singleton
        let relay = try ServerRelay(configuration, group: group, logger: logger)
        let certificate = try ServerCertificate(
            configuration.tls,
            hosts: configuration.certificateHosts,
            now: WallClock.now()
        )
        let refresher = try configuration.derpMapRefresher(certificate)
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let (writer, policyFile) = try await openTailnet(configuration, in: store, derpMap: refresher.map)
        relay?.attach(to: writer)
        let hub = try await MapStreamHub(group: group, gate: writer, now: WallClock.now)
        writer.onPublish { hub.published() }

        let listener = try makeListener(configuration, writer, hub, relay, certificate, group)
        let endpoint = try await listener.start()
        try await relay?.startSTUN(configuration)
        configuration.adopt(listenerPort: endpoint.port, stunPort: relay?.stunPort)
        var boundRefresher = refresher
        if configuration != self.configuration {
            // Any free port was asked for, so that only now it is known where the relay is.
            boundRefresher = try configuration.derpMapRefresher(certificate)
            writer.submit(ReplaceDERPMap(derpMap: boundRefresher.map)) { _ in }
        }

        let ready = Ready(configuration: configuration, firstUser: writer.snapshot.allUsers.first?.name)
        let admin = adminServer(configuration, writer, policyKeeping(policyFile, store), ready)
        // Stopped from the last to the first: the writer keeps what the others still hand it.
        var services: [any ServiceLifecycle.Service] = [
            writer, ListenerService(listener: listener, hub: hub, relay: relay),
            PolicyReloadService(keeper: policyFile, hangups: hangups, logger: logger),
        ]
        if !configuration.derp.urls.isEmpty {
            services.append(
                DERPMapRefreshService(
                    refresher: boundRefresher,
                    urls: configuration.derp.urls,
                    interval: configuration.derp.autoUpdate ? configuration.derp.updateFrequency : nil,
                    gate: writer,
                    logger: logger
                )
            )
        }
        if configuration.unixSocket.path.isEmpty { onReady(ready) } else { services.append(admin) }
        try await runServices(services)
        await store.close()
    }

    private func adminServer(
        _ configuration: Configuration,
        _ writer: TailnetWriter,
        _ policy: PolicyKeeping,
        _ ready: Ready
    ) -> AdminServer {
        let onReady = self.onReady
        return AdminServer(
            api: AdminAPI(
                gate: writer,
                version: VersionObject(version: ServerVersion.text, serverURL: configuration.serverURL.description),
                policy: policy,
                logger: logger,
                now: WallClock.now,
                isStorageHealthy: { writer.isStorageHealthy }
            ),
            socket: AdminSocket(path: configuration.unixSocket.path, mode: configuration.unixSocket.permission),
            logger: logger,
            onReady: { onReady(ready) }
        )
    }

    private func runServices(_ services: [any ServiceLifecycle.Service]) async throws {
        var quietLogger = logger
        quietLogger.logLevel = max(logger.logLevel, .notice)
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quietLogger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func makeListener(
        _ configuration: Configuration,
        _ writer: TailnetWriter,
        _ hub: MapStreamHub,
        _ relay: ServerRelay?,
        _ certificate: ServerCertificate,
        _ group: any EventLoopGroup
    ) throws -> ControlListener {
        var random = SystemRandomNumberGenerator()
        let key: MachinePrivateKey = try KeyFile.readOrCreate(at: configuration.noisePrivateKeyPath, using: &random)
        let server = try MachineKeyPair(key)
        let challenge = try PrivateKey<MachineRole>.generate(using: &random).publicKey
        let routes = ServerRoutes(publicKey: server.publicKey, gate: writer, relayKey: relay?.hub.publicKey)
        var listening = ControlListener.Configuration(
            host: configuration.listenAddress.bindHost,
            port: Int(configuration.listenAddress.port),
            routes: routes.table
        )
        listening.tls = { certificate.context }
        listening.noise = NoiseService(
            server: server,
            challenge: ChallengeKey(bytes: challenge.bytes) ?? .zero,
            router: ControlRouter(gate: writer, hub: hub)
        )
        listening.relay = relay?.upgrade
        listening.limits = TransportLimits(configuration.limits)
        return ControlListener(configuration: listening, group: group, logger: logger)
    }
}
