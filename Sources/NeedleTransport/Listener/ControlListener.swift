// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import Logging
package import NIOCore
import NIOPosix
package import NIOSSL
package import NeedleTypes
import Synchronization

/// The one port of a server: TLS and plain, HTTP/1.1, Noise connections and the relay.
///
/// - Source: DESIGN.md, "Connections".
package final class ControlListener: Sendable {
    /// What a listener is made of.
    package struct Configuration: Sendable {
        /// An address or name to bind to; `0.0.0.0` or `::` for all.
        package var host: String
        /// 0 for any free one.
        package var port: Int
        /// The context for the next TLS connection; nothing if the server has no certificate.
        ///
        /// Asked for each connection, so that a renewed certificate is used without a restart.
        package var tls: (@Sendable () -> NIOSSLContext)?
        /// Accepts `/ts2021`, if set.
        package var noise: NoiseService?
        /// Accepts `/derp`, if set.
        package var relay: RelayUpgrade?
        /// Answers everything else.
        package var routes: any FrontDoorRoutes
        /// See ``TransportLimits``.
        package var limits = TransportLimits()

        /// A listener at this address with these routes, and nothing more until it is set.
        package init(host: String, port: Int, routes: any FrontDoorRoutes) {
            self.host = host
            self.port = port
            self.routes = routes
        }
    }

    /// What has happened so far.
    package let counters: TransportCounters
    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let shared: FrontDoorContext
    private let ledger: ConnectionLedger
    private let server: Mutex<(any Channel)?>

    /// Prepares a listener whose connections are spread over the loops of `group`.
    package init(
        configuration: Configuration,
        group: any EventLoopGroup,
        logger: Logger,
        counters: TransportCounters = TransportCounters()
    ) {
        self.configuration = configuration
        self.group = group
        self.counters = counters
        ledger = ConnectionLedger(limits: configuration.limits)
        server = Mutex(nil)
        shared = FrontDoorContext(
            limits: configuration.limits,
            counters: counters,
            ledger: ledger,
            bodies: BodyBudget(bytesMax: configuration.limits.bodyBytesInAllMax),
            routes: configuration.routes,
            noise: configuration.noise,
            relay: configuration.relay,
            logger: logger
        )
    }

    // MARK: - Start and end

    /// Binds and starts to accept.
    ///
    /// - Returns: where, with the real port; nothing for the address if it is not an IP address.
    /// - Throws: ``ListenerError`` if the address cannot be had.
    @discardableResult
    package func start() async throws -> Endpoint {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: configuration.limits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(Self.unacknowledged, value: unacknowledgedMilliseconds)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accepted(channel) }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw ListenerError(host: configuration.host, port: configuration.port, cause: error)
        }
        server.withLock { $0 = channel }
        let port = UInt16(clamping: channel.localAddress?.port ?? configuration.port)
        let address = channel.localAddress?.address ?? IPAddress(family: .v4, bits: 0)
        return Endpoint(address: address, port: port)
    }

    /// Linux's `TCP_USER_TIMEOUT`.
    private static let unacknowledged = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 18))

    private var unacknowledgedMilliseconds: Int {
        Int(clamping: configuration.limits.unacknowledgedDeadline.nanoseconds / 1_000_000)
    }

    /// Stops accepting, lets every connection end in its own protocol, and closes what is left after `grace`.
    ///
    /// Requests that are being answered are finished; streams are ended, and HTTP/2 says GOAWAY.
    package func shutdown(within grace: TimeAmount = .seconds(5)) async {
        let listening = server.withLock { $0.take() }
        try? await listening?.close().get()
        for channel in ledger.beginClosing() {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        let loop = group.next()
        let drained = loop.makePromise(of: Void.self)
        ledger.whenEmpty(drained)
        let ledger = ledger
        let deadline = loop.scheduleTask(in: grace) {
            for channel in ledger.channels { channel.close(promise: nil) }
        }
        try? await drained.futureResult.get()
        deadline.cancel()
    }

    // MARK: - Connections

    private func accepted(_ channel: any Channel) throws {
        let remote = channel.remoteAddress?.address
        let admission = ledger.enter(channel, from: remote)
        counters.add(.connectionsAccepted)
        let (ledger, counters) = (ledger, counters)
        channel.closeFuture.whenComplete { _ in
            counters.add(.connectionsClosed)
            ledger.leave(channel, from: remote, as: admission)
        }
        switch admission {
        case .admitted:
            try admit(channel, remote: remote)
        case .full, .fullForAddress:
            counters.add(admission == .full ? .connectionsRefused : .connectionsRefusedByAddress)
            let sniffer = FirstByteSniffer(
                deadline: configuration.limits.refusalDeadline,
                expired: {},
                found: { ConnectionRefusal.refuse($1, kind: $0, admission: admission) }
            )
            try channel.pipeline.syncOperations.addHandler(sniffer)
        case .dropped:
            counters.add(.connectionsDropped)
            channel.close(promise: nil)
        }
    }

    private func admit(_ channel: any Channel, remote: IPAddress?) throws {
        let counters = counters
        let sniffer = FirstByteSniffer(
            deadline: configuration.limits.firstRequestDeadline,
            expired: { counters.add(.firstRequestTimeouts) },
            found: { kind, channel in
                switch kind {
                case .plain: try HTTPPipeline.add(to: channel, shared: self.shared, remote: remote, isSecure: false)
                case .tls: try self.addTLS(to: channel, remote: remote)
                }
            }
        )
        try channel.pipeline.syncOperations.addHandler(sniffer)
    }

    private func addTLS(to channel: any Channel, remote: IPAddress?) throws {
        guard let tls = configuration.tls else {
            counters.add(.tlsWithoutCertificate)
            return ConnectionRefusal.refuse(channel, kind: .tls, admission: .full)
        }
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls()))
        try HTTPPipeline.add(to: channel, shared: shared, remote: remote, isSecure: true)
    }
}
