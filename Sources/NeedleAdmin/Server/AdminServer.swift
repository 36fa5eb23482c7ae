// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// Serves an ``AdminAPI`` on a unix socket until it is asked to stop.
package struct AdminServer: Service {
    /// How much the server bears.
    package struct Limits: Sendable {
        /// How many connections are served at once; further ones wait.
        package var connectionsMax = 64
        /// How long a connection may say nothing.
        package var idle = Duration.seconds(30)
        /// How long requests in progress may take to end when the server stops.
        package var stopping = Duration.seconds(2)

        package init() {}
    }

    let api: AdminAPI
    let socket: AdminSocket
    let limits: Limits
    let logger: Logger
    let onReady: @Sendable () async -> Void

    /// `onReady` is called once the socket accepts connections with its final permissions.
    package init(
        api: AdminAPI,
        socket: AdminSocket,
        limits: Limits = Limits(),
        logger: Logger,
        onReady: @escaping @Sendable () async -> Void = {}
    ) {
        self.api = api
        self.socket = socket
        self.limits = limits
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves; after a request to stop, answers what has been asked and removes the socket.
    ///
    /// - Throws: ``AdminSocketError`` if it cannot bind.
    package func run() async throws {
        try socket.prepare()
        defer { socket.remove() }
        let application = application()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: limits.stopping)
                throw Overdue()
            }
            do {
                // Whichever ends first: the server, or its time to stop.
                try await group.next()
            } catch is Overdue {
                logger.notice("administrators' requests were cut off, since the server stops")
            }
            group.cancelAll()
        }
    }

    /// Requests were still in progress when the time to stop was over.
    private struct Overdue: Error {}

    private func application() -> some ApplicationProtocol {
        // The library reports each start and stop at "info"; the server's own lines say it better.
        var quietLogger = logger
        quietLogger.logLevel = max(logger.logLevel, .notice)
        return Application(
            router: api.router(),
            server: .http1(configuration: .init(idleTimeout: TimeAmount(limits.idle))),
            configuration: .init(
                address: .unixDomainSocket(path: socket.path),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connectionsMax)
            ),
            onServerRunning: { _ in await becomeReady() },
            logger: quietLogger
        )
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
