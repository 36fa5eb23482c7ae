// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NIOHTTP1
import NeedleModel
import NeedleTesting
import NeedleTransport
import NeedleTypes
import NeedleWire
import Testing

@testable import NeedleServer

@Suite struct ServerRoutesTests {
    @Test("/key tells the server's Noise key, with a legacy key of zeros")
    func key() throws {
        let answer = try answer("/key", query: "v=130")
        #expect(answer.status == .ok)
        let text = String(buffer: answer.body)
        #expect(text.contains(#""publicKey":"mkey:01"#))
        #expect(text.contains(#""legacyPublicKey":"mkey:00"#))
    }

    @Test("/key without a version, or with one that is none, says what to ask", arguments: [nil, "v=", "v=x", "v=12"])
    func badKey(query: String?) throws {
        #expect(try answer("/key", query: query).status == .badRequest)
    }

    @Test("/health, /version and the start page answer", arguments: ["/health", "/version", "/", "/robots.txt"])
    func simple(path: String) throws {
        #expect(try answer(path).status == .ok)
    }

    @Test("/verify refuses a node that is not known, and what it cannot read")
    func verify() throws {
        let body = #"{"NodePublic":"nodekey:\#(String(repeating: "ab", count: 32))","Source":"192.0.2.1"}"#
        let answer = try answer("/verify", method: .POST, body: body)
        #expect(answer.status == .ok)
        #expect(String(buffer: answer.body) == #"{"Allow":false}"#)
        #expect(try self.answer("/verify", method: .POST, body: "{").status == .badRequest)
        #expect(try self.answer("/verify").status == .methodNotAllowed)
    }

    @Test("the relay's measurements answer, and its upgrade is asked for")
    func relay() throws {
        #expect(try answer("/derp/probe").status == .ok)
        #expect(try answer("/derp/latency-check").status == .ok)
        #expect(try answer("/generate_204").status == .noContent)
        #expect(try answer("/derp").status == .upgradeRequired)
        #expect(try answer("/bootstrap-dns").status == .ok)
    }

    @Test("anything else is 404")
    func unknown() throws {
        #expect(try answer("/machine/register").status == .notFound)
    }

    // MARK: -

    private func answer(
        _ path: String,
        query: String? = nil,
        method: HTTPMethod = .GET,
        body: String = ""
    ) throws -> FrontDoorResponse {
        let key = try #require(MachineKey(bytes: [UInt8](repeating: 1, count: 32)))
        let relay = try #require(NodeKey(bytes: [UInt8](repeating: 2, count: 32)))
        let routes = ServerRoutes(publicKey: key, gate: InlineGate(), relayKey: relay)
        let request = FrontDoorRequest(
            method: method,
            path: path,
            query: query,
            headers: [:],
            body: ByteBuffer(string: body),
            remote: nil,
            isSecure: false,
            eventLoop: EmbeddedEventLoop()
        )
        guard case .now(let response) = routes.table.respond(to: request) else {
            throw ServerError("expected an answer at once")
        }
        return response
    }
}
