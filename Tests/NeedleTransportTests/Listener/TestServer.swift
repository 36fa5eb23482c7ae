// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NeedleNoise
import NeedleTesting
import NeedleTypes

@testable import NeedleTransport

/// A listener on loopback with a key of its own.
struct TestServer {
    let listener: ControlListener
    let endpoint: Endpoint
    let keys: MachineKeyPair
    let clientKey: MachinePrivateKey

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Starts one; end it with ``ControlListener/shutdown(within:)``.
    static func start(
        routes: any FrontDoorRoutes = TestRoutes.table,
        router: any InnerRouter = EchoRouter(),
        relay: RelayUpgrade? = nil,
        isSecure: Bool = true,
        limits: TransportLimits = TransportLimits()
    ) async throws -> TestServer {
        var random = SeededRandom(seed: 7)
        let keys = try MachineKeyPair(MachinePrivateKey.generate(using: &random))
        var configuration = ControlListener.Configuration(host: "127.0.0.1", port: 0, routes: routes)
        if isSecure {
            let context = try TestTLS.server()
            configuration.tls = { context }
        }
        configuration.noise = NoiseService(server: keys, challenge: .zero, router: router)
        configuration.relay = relay
        configuration.limits = limits
        let listener = ControlListener(
            configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        let endpoint = try await listener.start()
        return TestServer(
            listener: listener,
            endpoint: endpoint,
            keys: keys,
            clientKey: MachinePrivateKey.generate(using: &random)
        )
    }

    /// A client of this server.
    func client(_ options: ControlClient.Options = .init()) async throws -> ControlClient {
        try await ControlClient.connect(
            to: endpoint,
            serverKey: keys.publicKey,
            machineKey: clientKey,
            options: options
        )
    }
}

/// Answers with the method, the path and the body's length; `/body` with the body.
struct EchoRouter: InnerRouter {
    func handle(_ request: InnerRequest, on exchange: InnerExchange) {
        switch request.path {
        case "/body":
            exchange.respond(status: 200, contentType: "application/octet-stream", body: request.body)
        default:
            let text = "\(request.method) \(request.path) \(request.body.readableBytes) \(request.peer.version.value)"
            exchange.respond(status: 200, contentType: "text/plain", body: ByteBuffer(string: text))
        }
    }
}

/// A few routes for tests of the front door.
enum TestRoutes {
    static let table = RouteTable([
        RouteTable.Route([.GET], "/key") { request in .now(.text(.ok, "key for \(request.queryValue("v") ?? "none")"))
        },
        RouteTable.Route([.POST], "/echo") { request in
            .now(FrontDoorResponse(status: .ok, body: request.body))
        },
        RouteTable.Route([.POST], "/verify", bodyBytesMax: 4096) { request in
            .now(.text(.ok, "\(request.body.readableBytes)"))
        },
        RouteTable.Route([.GET], "/later") { request in
            .later(request.eventLoop.scheduleTask(in: .milliseconds(1)) { .text(.ok, "later") }.futureResult)
        },
        RouteTable.Route([.GET], "/fails") { .later($0.eventLoop.makeFailedFuture(ChannelError.eof)) },
        RouteTable.Route([.GET], "/files/*") { request in .now(.text(.ok, request.path)) },
        RouteTable.Route([.GET], "/split") { _ in
            .now(FrontDoorResponse(status: .ok, headers: ["Location": "/a\r\nSet-Cookie: b=c"]))
        },
    ])
}
