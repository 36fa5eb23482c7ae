// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NIOHTTP1
import Testing

@testable import NeedleTransport

@Suite("Upgrade requests")
struct UpgradeRequestTests {
    private static let upgrade: HTTPHeaders = [
        "upgrade": "tailscale-control-protocol", "connection": "upgrade", "x-tailscale-handshake": "AQID",
    ]

    private func read(_ method: HTTPMethod, _ uri: String, _ headers: HTTPHeaders) -> UpgradeRequest? {
        RequestTarget(uri).flatMap {
            UpgradeRequest(
                head: HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers),
                target: $0
            )
        }
    }

    private func changed(_ name: String, _ value: String?) -> HTTPHeaders {
        var headers = Self.upgrade
        headers.remove(name: name)
        if let value { headers.add(name: name, value: value) }
        return headers
    }

    @Test("both methods are accepted, and any letter case", arguments: [HTTPMethod.POST, .GET])
    func accepted(method: HTTPMethod) {
        let expected = UpgradeRequest.noise(initiation: [1, 2, 3], isWebSocket: false)
        #expect(read(method, "/ts2021", Self.upgrade) == expected)
        #expect(read(method, "http://h:1/ts2021", Self.upgrade) == expected)
        #expect(read(method, "/ts2021", changed("Upgrade", "Tailscale-Control-PROTOCOL")) == expected)
        #expect(read(method, "/ts2021", changed("Connection", "keep-alive, Upgrade")) == expected)
    }

    @Test(
        "what is missing or wrong is said",
        arguments: [
            ("upgrade", nil, "missing Upgrade header: tailscale-control-protocol is expected"),
            ("upgrade", "h2c", "unknown Upgrade: tailscale-control-protocol is expected"),
            ("connection", nil, "missing Connection header: upgrade is expected"),
            ("connection", "close", "missing Connection header: upgrade is expected"),
            ("x-tailscale-handshake", nil, "missing X-Tailscale-Handshake header"),
            ("x-tailscale-handshake", "", "missing X-Tailscale-Handshake header"),
            ("x-tailscale-handshake", "AQI", "invalid X-Tailscale-Handshake header: base64 is expected"),
            ("x-tailscale-handshake", "AQ*D", "invalid X-Tailscale-Handshake header: base64 is expected"),
            ("x-tailscale-handshake", "_-_-", "invalid X-Tailscale-Handshake header: base64 is expected"),
            (
                "x-tailscale-handshake", String(repeating: "A", count: 1028),
                "invalid X-Tailscale-Handshake header: base64 is expected"
            ),
        ] as [(String, String?, String)]
    )
    func refused(field: String, value: String?, text: String) {
        #expect(read(.POST, "/ts2021", changed(field, value)) == .refused(.badRequest, text))
    }

    @Test("another method is refused")
    func otherMethod() {
        #expect(
            read(.PUT, "/ts2021", Self.upgrade) == .refused(.methodNotAllowed, "use POST, or GET for WebSocket")
        )
    }

    @Test("a browser sends the handshake in the query")
    func webSocket() {
        let headers: HTTPHeaders = [
            "Upgrade": "WebSocket", "Connection": "Upgrade",
            "Sec-WebSocket-Protocol": "other, tailscale-control-protocol",
        ]
        let bytes = (0..<101).map { UInt8(truncatingIfNeeded: $0 * 5) }
        let text = Data(bytes).base64EncodedString()
        let encoded = text.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        let expected = UpgradeRequest.noise(initiation: bytes, isWebSocket: true)
        #expect(read(.GET, "/ts2021?X-Tailscale-Handshake=\(encoded)", headers) == expected)
        #expect(read(.GET, "/ts2021?X-Tailscale-Handshake=\(text)", headers) == expected)
        #expect(
            read(.GET, "/ts2021", headers)
                == .refused(.badRequest, "missing X-Tailscale-Handshake query parameter")
        )
        var wrong = headers
        wrong.replaceOrAdd(name: "Sec-WebSocket-Protocol", value: "other")
        #expect(
            read(.GET, "/ts2021", wrong)
                == .refused(.badRequest, "the WebSocket subprotocol has to be tailscale-control-protocol")
        )
    }

    @Test("the relay takes any method and any letter case", arguments: [HTTPMethod.GET, .POST, .PUT])
    func relay(method: HTTPMethod) {
        #expect(read(method, "/derp", ["Upgrade": "derp", "Connection": "upgrade"]) == .relay(.raw))
        #expect(
            read(method, "/derp", ["Upgrade": "DERP", "Connection": "Upgrade", "Derp-Fast-Start": "1"])
                == .relay(.fastStart)
        )
        #expect(
            read(
                method,
                "/derp",
                ["Upgrade": "websocket", "Connection": "upgrade", "Sec-WebSocket-Protocol": "derp"]
            ) == .relay(.webSocket)
        )
    }

    @Test(
        "without an upgrade the relay asks for one",
        arguments: [
            [:], ["Upgrade": "DERP"], ["Upgrade": "h2c", "Connection": "upgrade"],
            ["Upgrade": "websocket", "Connection": "upgrade", "Sec-WebSocket-Protocol": "chat"],
        ] as [HTTPHeaders]
    )
    func relayWithoutUpgrade(headers: HTTPHeaders) {
        #expect(
            read(.GET, "/derp", headers) == .refused(.upgradeRequired, "DERP requires connection upgrade")
        )
    }

    @Test("other paths are for the routes", arguments: ["/key", "/ts2021/", "/derp/probe", "/"])
    func otherPaths(path: String) {
        #expect(read(.POST, path, Self.upgrade) == nil)
    }
}
