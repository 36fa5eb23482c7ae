// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Logging
internal import NIOCore
internal import NeedleModel
internal import NeedleStorage
internal import NeedleTransport
internal import NeedleTypes
internal import Synchronization

/// The embedded relay with its STUN server, and who may use it.
final class ServerRelay: Sendable {
    let hub: RelayHub
    private let group: any EventLoopGroup
    private let stun = Mutex<STUNServer?>(nil)
    private let admission: Admission

    /// Asks the tailnet, once there is one.
    private final class Admission: Sendable {
        let verifiesClients: Bool
        let gate = Mutex<(any TailnetGate)?>(nil)

        init(verifiesClients: Bool) {
            self.verifiesClients = verifiesClients
        }

        func admits(_ key: NodeKey) -> Bool {
            guard verifiesClients else { return true }
            return gate.withLock { $0 }?.snapshot.admitsToRelay(key) ?? false
        }
    }

    /// Nothing when `configuration` wants no relay.
    init?(_ configuration: Configuration, group: any EventLoopGroup, logger: Logger) throws {
        let server = configuration.derp.server
        guard server.enabled else { return nil }
        var random = SystemRandomNumberGenerator()
        let key: NodePrivateKey = try KeyFile.readOrCreate(at: server.privateKeyPath, using: &random)
        let admission = Admission(verifiesClients: server.verifyClients)
        self.admission = admission
        self.group = group
        hub = try RelayHub(serverKey: key, admit: { key, _ in admission.admits(key) })
    }

    /// Lets the nodes of `writer`'s tailnet in, and cuts those off that it loses.
    func attach(to writer: TailnetWriter) {
        admission.gate.withLock { $0 = writer }
        guard admission.verifiesClients else { return }
        let relayGuard = RelayGuard(hub: hub, tailnet: writer.snapshot)
        writer.onPublish { [weak writer] in
            if let writer { relayGuard.published(writer.snapshot) }
        }
    }

    /// How the front door hands connections over.
    var upgrade: RelayUpgrade {
        let hub = self.hub
        return RelayUpgrade(publicKeyHex: Hex.encode(hub.publicKey.bytes)) { _, info in
            RelayHandler(hub: hub, source: info.remote)
        }
    }

    // MARK: - STUN

    /// Answers STUN at the configured address, if there is one.
    func startSTUN(_ configuration: Configuration) async throws {
        guard let address = configuration.derp.server.stunListenAddress else { return }
        guard let ip = IPAddress(text: address.bindHost) ?? (address.host == "localhost" ? .localhost : nil) else {
            throw ServerError("derp.server.stun_listen_addr needs an IP address, '\(address.host)' is none")
        }
        let server: STUNServer
        do {
            server = try await STUNServer.start(on: Endpoint(address: ip, port: address.port), group: group)
        } catch {
            throw ServerError(
                "cannot answer STUN at \(address.host):\(address.port) over UDP (\(error)); another program may use that port: choose another with derp.server.stun_listen_addr"
            )
        }
        stun.withLock { $0 = server }
    }

    /// The port that is really used.
    var stunPort: UInt16? { stun.withLock { $0 }?.boundEndpoint.port }

    func stopSTUN() async {
        await stun.withLock { $0 }?.stop()
    }
}

extension IPAddress {
    fileprivate static let localhost = IPAddress(family: .v4, bits: 0x7f00_0001)
}
