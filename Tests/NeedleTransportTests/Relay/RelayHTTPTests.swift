// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOHTTP1
import NeedleTransport
import NeedleTypes
import Testing

@Suite struct RelayHTTPTests {
    private let key: NodeKey

    init() throws {
        key = try #require(NodeKey(bytes: Array(repeating: UInt8(0xab), count: 32)))
    }

    private func answer(_ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:]) -> RelayHTTP.Answer? {
        RelayHTTP.answer(method: method, target: target, headers: headers, serverKey: key)
    }

    private func plain(_ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:]) -> RelayHTTPResponse? {
        if case .respond(let response) = answer(method, target, headers) { response } else { nil }
    }

    @Test("an upgrade is answered with the server's key, whatever the method and the letters' case")
    func upgrade() {
        let head = RelayHTTPResponse(
            status: .switchingProtocols,
            headers: [
                "Upgrade": "DERP", "Connection": "Upgrade", "Derp-Version": "2",
                "Derp-Public-Key": String(repeating: "ab", count: 32),
            ]
        )
        for method in [HTTPMethod.GET, .POST] {
            for name in ["DERP", "derp", "Derp"] {
                #expect(answer(method, "/derp", ["upgrade": name]) == .becomeRelay(head: head))
            }
        }
        #expect(answer(.POST, "https://127.0.0.1:8443/derp", ["Upgrade": "DERP"]) == .becomeRelay(head: head))
        #expect(answer(.GET, "/derp?x=1", ["Upgrade": "DERP", "Derp-Fast-Start": "0"]) == .becomeRelay(head: head))
    }

    @Test("a fast start has no response at all")
    func fastStart() {
        #expect(answer(.GET, "/derp", ["Upgrade": "DERP", "Derp-Fast-Start": "1"]) == .becomeRelay(head: nil))
    }

    @Test("a WebSocket must ask for the subprotocol")
    func webSocket() {
        let asked: HTTPHeaders = ["Upgrade": "WebSocket", "Sec-WebSocket-Protocol": "chat, derp"]
        #expect(answer(.GET, "/derp", asked) == .becomeWebSocketRelay)
        #expect(plain(.GET, "/derp", ["Upgrade": "websocket"])?.status == .upgradeRequired)
    }

    @Test("without an upgrade there is nothing to be had")
    func noUpgrade() throws {
        let response = try #require(plain(.GET, "/derp"))
        #expect(response.status == .upgradeRequired)
        #expect(response.body == "DERP requires connection upgrade\n")
        #expect(response.headers["Content-Length"] == ["33"])
    }

    @Test(
        "measurements are answered",
        arguments: ["/derp/probe", "/derp/latency-check", "https://h/derp/latency-check"]
    )
    func measurements(target: String) throws {
        for method in [HTTPMethod.GET, .HEAD] {
            let response = try #require(plain(method, target))
            #expect(response.status == .ok)
            #expect(response.headers["Access-Control-Allow-Origin"] == ["*"])
            #expect(response.body.isEmpty)
        }
        #expect(plain(.POST, target)?.status == .methodNotAllowed)
    }

    @Test(
        "a challenge comes back if it is harmless",
        arguments: ["ts_derp.example-1:80", String(repeating: "a", count: 64)]
    )
    func challenge(_ challenge: String) throws {
        let response = try #require(plain(.GET, "/generate_204", ["x-tailscale-challenge": challenge]))
        #expect(response.status == .noContent)
        #expect(response.headers["X-Tailscale-Response"] == ["response \(challenge)"])
        #expect(
            response.headers["Cache-Control"] == ["no-cache, no-store, must-revalidate, no-transform, max-age=0"]
        )
    }

    @Test(
        "other challenges do not",
        arguments: ["", String(repeating: "a", count: 65), "a b", "a\r\nb: c", "é", "a/b"]
    )
    func badChallenge(_ challenge: String) throws {
        let response = try #require(plain(.GET, "/generate_204", ["X-Tailscale-Challenge": challenge]))
        #expect(response.status == .noContent)
        #expect(!response.headers.contains(name: "X-Tailscale-Response"))
    }

    @Test(
        "other paths are not the relay's",
        arguments: ["/", "", "/derpx", "/derp/", "/derp/other", "https://h", "derp"]
    )
    func otherPaths(_ target: String) {
        #expect(answer(.GET, target, ["Upgrade": "DERP"]) == nil)
    }
}
