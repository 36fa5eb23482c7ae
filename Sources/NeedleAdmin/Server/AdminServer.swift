// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// Serves an ``AdminAPI`` on a unix socket until it is asked to stop.
package struct AdminServer: Service {
    /// How many connections are served at once; further ones wait.
    static let connectionsMax = 64
    /// How long a connection may say nothing.
    static let idleTimeout = TimeAmount.seconds(30)

    let api: AdminAPI
    let socket: AdminSocket
    let logger: Logger
    let onReady: @Sendable () async -> Void

    /// `onReady` is called once the socket accepts connections with its final permissions.
    package init(
        api: AdminAPI,
        socket: AdminSocket,
        logger: Logger,
        onReady: @escaping @Sendable () async -> Void = {}
    ) {
        self.api = api
        self.socket = socket
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves; after a request to stop, answers what has been asked and removes the socket.
    ///
    /// - Throws: ``AdminSocketError`` if it cannot bind.
    package func run() async throws {
        try socket.prepare()
        defer { socket.remove() }
        // The library reports each start and stop at "info"; the server's own lines say it better.
        var quietLogger = logger
        quietLogger.logLevel = max(logger.logLevel, .notice)
        let application = Application(
            router: api.router(),
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: .init(
                address: .unixDomainSocket(path: socket.path),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionsMax)
            ),
            onServerRunning: { _ in await becomeReady() },
            logger: quietLogger
        )
        try await application.run()
    }

    private func becomeReady() async {
        do {
            try socket.setMode()
        } catch {
            // The default permissions are narrower than any that are asked for: the owner alone can connect.
            logger.error("cannot set the permissions of the administrators' socket", metadata: ["error": "\(error)"])
        }
        await onReady()
    }
}
