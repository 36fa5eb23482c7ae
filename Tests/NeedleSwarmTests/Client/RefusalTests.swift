// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleNoise
import NeedleSwarm
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@testable import NeedleTransport

@Suite(.timeLimit(.minutes(1)))
struct RefusalTests {
    @Test("a bad auth key is the server's sentence")
    func authKey() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", "hskey-auth-nonsense")
            await #expect { try await client.join() } throws: { error in
                if case .registrationRefused(let text)? = error as? ClientError { !text.isEmpty } else { false }
            }
        }
    }

    @Test("a map for a node that does not exist is a status and a sentence")
    func unknownNode() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", "")
            try await client.connect()
            await #expect { try await client.startMap() } throws: { error in
                if case .refused(404, let text)? = error as? ClientError { !text.isEmpty } else { false }
            }
            await #expect(throws: ClientError.self) { try await client.oneShotMap() }
        }
    }

    @Test("any request can be made, and its answer seen")
    func anyRequest() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", "")
            try await client.connect()
            let answer = try await client.perform(HTTP2Request("GET", "/nothing"))
            #expect(answer.status == 404)
            let large = try await client.perform(
                HTTP2Request("POST", "/machine/register", body: ByteBuffer(repeating: 32, count: 2 << 20))
            )
            #expect(large.status == 413)
        }
    }

    @Test("a wrong server key, and a damaged initiation, end in an error of the handshake")
    func handshake() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", "")
            var random = SeededRandom(seed: 5)
            client.options.serverKey = try MachineKeyPair(MachinePrivateKey.generate(using: &random)).publicKey
            await #expect(throws: ClientError.self) { try await client.connect() }
            client.options.serverKey = server.keys.publicKey
            try await client.connect()
            client.options.alterInitiation = { $0.dropLast() + [$0[100] ^ 1] }
            await #expect(throws: ClientError.self) { try await client.connect() }
            client.options.alterInitiation = { Array($0.prefix(50)) }
            await #expect { try await client.connect() } throws: { error in
                if case .noise(.refused)? = error as? ClientError { true } else { false }
            }
        }
    }

    @Test("bytes that are no record, and frames that are no HTTP/2, end the connection", arguments: [true, false])
    func nonsense(belowNoise: Bool) async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", "")
            try await client.connect()
            let bytes = [UInt8](repeating: 0x20, count: 100)
            if belowNoise { try await client.sendRaw(bytes) } else { try await client.sendPlaintext(bytes) }
            let end = try await client.waitForDisconnection()
            #expect(end != .closedByClient)
        }
    }

    @Test("nobody there is an error, not a wait")
    func unreachable() async throws {
        let server = try await TestControlServer.start()
        await server.stop()
        let client = try server.client("a", "")
        await #expect { try await client.connect() } throws: { error in
            if case .unreachable? = error as? ClientError { true } else { false }
        }
    }

    @Test("a server that says nothing is waited for as long as the client's limit, and no longer")
    func silence() async throws {
        try await TestControlServer.with(router: SilentRouter()) { server in
            let client = try server.client("a", "")
            try await client.connect()
            client.options.timeLimit = .milliseconds(200)
            await #expect { try await client.register() } throws: { error in
                if case .timedOut? = error as? ClientError { true } else { false }
            }
            await #expect { try await client.startMap() } throws: { error in
                if case .timedOut? = error as? ClientError { true } else { false }
            }
        }
    }

    @Test("a map that breaks the rules, is no JSON, or is cut off, ends the stream with the reason")
    func badMaps() async throws {
        let cases: [(String, Bool)] = [
            (#"{"Domain":"x"}"#, false), ("{", false), (#"{"Peers":7}"#, false), (#"{"KeepAlive":true}"#, true),
        ]
        for (json, isCut) in cases {
            try await TestControlServer.with(router: MapRouter(json: json, isCut: isCut)) { server in
                let client = try server.client("a", "")
                client.options.compresses = false
                try await client.connect()
                let stream = try await client.startMap()
                let end = try await stream.waitForEnd()
                let isFailure = if case .failed = end { true } else { false }
                #expect(isFailure, "\(json): \(end)")
            }
        }
    }
}

/// Answers every request with one framed message.
private struct MapRouter: InnerRouter {
    let json: String
    let isCut: Bool

    func handle(_ request: InnerRequest, on exchange: InnerExchange) {
        var bytes = MapFrame.encode(Array(json.utf8)) ?? []
        if isCut { bytes.removeLast() }
        exchange.respond(status: 200, body: ByteBuffer(bytes: bytes))
    }
}
