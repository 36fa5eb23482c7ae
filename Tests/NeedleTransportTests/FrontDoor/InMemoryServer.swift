// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NeedleNoise
import NeedleTesting
import NeedleTypes

@testable import NeedleTransport

/// The server's side of one connection without a socket, on a loop whose clock is turned by hand.
final class InMemoryServer {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let counters = TransportCounters()
    let ledger: ConnectionLedger
    let bodies: BodyBudget
    let keys: MachineKeyPair
    /// The machine key of the client in tests.
    let clientKey: MachinePrivateKey

    init(
        routes: any FrontDoorRoutes = TestRoutes.table,
        router: any InnerRouter = EchoRouter(),
        relay: RelayUpgrade? = nil,
        limits: TransportLimits = TransportLimits(),
        ledger: ConnectionLedger? = nil
    ) throws {
        var random = SeededRandom(seed: 11)
        keys = try MachineKeyPair(MachinePrivateKey.generate(using: &random))
        clientKey = MachinePrivateKey.generate(using: &random)
        self.ledger = ledger ?? ConnectionLedger(limits: limits)
        bodies = BodyBudget(bytesMax: limits.bodyBytesInAllMax)
        channel = EmbeddedChannel(loop: loop)
        let shared = FrontDoorContext(
            limits: limits,
            counters: counters,
            ledger: self.ledger,
            bodies: bodies,
            routes: routes,
            noise: NoiseService(server: keys, challenge: .zero, router: router),
            relay: relay,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        try HTTPPipeline.add(to: channel, shared: shared, remote: IPAddress(text: "192.0.2.1"), isSecure: false)
    }

    var isOpen: Bool { channel.isActive }

    /// Delivers bytes as one read each piece, and lets everything happen that follows.
    func receive(_ bytes: some Collection<UInt8>, pieces size: Int? = nil) {
        for piece in Array(bytes).chunked(size) {
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: piece))
            channel.pipeline.fireChannelReadComplete()
            loop.run()
        }
    }

    func receive(_ text: String, pieces size: Int? = nil) {
        receive(Array(text.utf8), pieces: size)
    }

    /// What was sent since the last call, as one run of bytes.
    func takeBytes() throws -> [UInt8] {
        try takeBuffers().flatMap { Array($0.readableBytesView) }
    }

    /// What was sent since the last call, write by write.
    func takeBuffers() throws -> [ByteBuffer] {
        loop.run()
        var buffers: [ByteBuffer] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { buffers.append(buffer) }
        return buffers
    }

    /// What was sent since the last call, as text.
    func takeText() throws -> String {
        String(decoding: try takeBytes(), as: UTF8.self)
    }

    /// Turns the clock.
    func advance(by amount: TimeAmount) {
        loop.advanceTime(by: amount)
    }

    /// A Noise initiation by the client.
    func initiator(version: CapabilityVersion = .current, serverKey: MachineKey? = nil) throws -> NoiseInitiator {
        try NoiseInitiator(
            version: version,
            machineKey: clientKey,
            serverKey: serverKey ?? keys.publicKey,
            ephemeral: (1...32).map { $0 }
        )
    }

    deinit {
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}

/// Takes a run of HTTP/1.1 answers with Content-Length apart.
struct ParsedAnswer: Equatable {
    let status: String
    let fields: [String: String]
    let body: String

    static func all(_ text: String, isHead: Bool = false) -> [ParsedAnswer] {
        var answers: [ParsedAnswer] = []
        var rest = Substring(text)
        while let end = rest.firstRange(of: "\r\n\r\n") {
            var lines = rest[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
            let status = lines.removeFirst().split(separator: " ").dropFirst().first.map(String.init) ?? ""
            var fields: [String: String] = [:]
            for line in lines {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
            }
            let count = isHead ? 0 : Int(fields["content-length"] ?? "0") ?? 0
            let body = rest[end.upperBound...].prefix(count)
            answers.append(ParsedAnswer(status: status, fields: fields, body: String(body)))
            rest = rest[body.endIndex...]
        }
        return answers
    }
}
