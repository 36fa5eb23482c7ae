// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
internal import NIOHTTP1
import NIOHTTP1
import NIOPosix
import NeedleModel
import NeedleNoise
import NeedleSwarm
import NeedleTesting
import NeedleTransport
import NeedleTypes
import NeedleWire

/// A real control server over a tailnet in memory: everything but storage and configuration.
struct TestControlServer {
    let listener: ControlListener
    let hub: MapStreamHub
    let gate: PublishingGate
    let target: ControlTarget
    let keys: MachineKeyPair

    static func start(
        router: (any InnerRouter)? = nil,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> TestControlServer {
        var random = SeededRandom(seed: 11)
        let keys = try MachineKeyPair(MachinePrivateKey.generate(using: &random))
        let inner = InlineGate(settings: Self.settings)
        let hub = try await MapStreamHub(group: group, gate: inner, now: { inner.now })
        let gate = PublishingGate(inner: inner, hub: hub)
        let publicKey = keys.publicKey
        let routes = RouteTable([
            RouteTable.Route([.GET], "/key") { _ in
                let json = OverTLSPublicKeyResponse(publicKey: publicKey).json
                return .now(FrontDoorResponse(status: .ok, body: ByteBuffer(bytes: json)))
            }
        ])
        var configuration = ControlListener.Configuration(host: "127.0.0.1", port: 0, routes: routes)
        configuration.noise = NoiseService(
            server: keys,
            challenge: .zero,
            router: router ?? ControlRouter(gate: gate, hub: hub)
        )
        let listener = ControlListener(configuration: configuration, group: group, logger: Logger(label: "test"))
        let endpoint = try await listener.start()
        let target = ControlTarget(host: "127.0.0.1", port: Int(endpoint.port))
        return TestControlServer(listener: listener, hub: hub, gate: gate, target: target, keys: keys)
    }

    private static var settings: TailnetSettings {
        TailnetSettings(
            prefixV4: IPPrefix(text: "100.64.0.0/10"),
            prefixV6: IPPrefix(text: "fd7a:115c:a1e0::/48"),
            baseDomain: "example.com",
            domain: "example.com",
            dns: DNSConfig(domains: ["example.com"], proxied: true),
            derpMap: DERPMap(regions: [900: DERPRegion(regionID: 900, regionCode: "local", regionName: "Local")])
        )
    }

    /// A key that lets in as many as want.
    func authKey(isReusable: Bool = true, isEphemeral: Bool = false) throws -> String {
        let user = try gate.run(CreateUser(name: "user\(gate.snapshot.revision.value)")).id
        let command = CreatePreAuthKey(
            user: user,
            isReusable: isReusable,
            isEphemeral: isEphemeral,
            tags: [],
            expiration: nil
        )
        return try gate.run(command).secret.secretText
    }

    func client(_ hostname: String, _ authKey: String) throws -> SimulatedClient {
        try SimulatedClient(to: target, hostname: hostname, authKey: authKey)
    }

    func stop() async {
        try? await hub.endAll()
        await listener.shutdown(within: .seconds(1))
    }

    /// Where a server was, and is no longer.
    static func targetThatIsDown() async throws -> ControlTarget {
        let server = try await start()
        await server.stop()
        return server.target
    }

    /// Runs `body` with a server that is stopped afterwards.
    static func with(
        router: (any InnerRouter)? = nil,
        _ body: (TestControlServer) async throws -> Void
    ) async throws {
        let server = try await start(router: router)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}

/// Wakes the map streams after each command.
struct PublishingGate: TailnetGate {
    let inner: InlineGate
    let hub: MapStreamHub

    var snapshot: Tailnet { inner.snapshot }

    func submit<C: Command>(_ command: C, completion: @escaping @Sendable (Result<C.Reply, ModelError>) -> Void) {
        inner.submit(command, completion: completion)
        hub.published()
    }

    /// The reply of a command that does not wait.
    func run<C: Command>(_ command: C) throws -> C.Reply where C.Reply: Sendable {
        let reply = ReplyBox<C.Reply>()
        submit(command) { result in reply.set(result) }
        return try reply.get()
    }
}
