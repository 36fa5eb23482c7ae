// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleSwarm
import Testing

@Suite struct ControlTargetTests {
    @Test(
        "reads URLs",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1", 8080, false), ("https://example.com", "example.com", 443, true),
            ("http://localhost/", "localhost", 80, false), ("https://[::1]:1", "::1", 1, true),
            ("http://[fd00::1]", "fd00::1", 80, false),
        ]
    )
    func good(url: String, host: String, port: Int, isSecure: Bool) throws {
        let target = try ControlTarget(url: url)
        #expect(target == ControlTarget(host: host, port: port, isSecure: isSecure))
    }

    @Test(
        "refuses what is no control URL",
        arguments: [
            "", "127.0.0.1:80", "ftp://a", "http://", "http://:80", "http://a:0", "http://a:65536", "http://a:b",
            "http://a/path", "http://user@a", "https://a/b:1",
        ]
    )
    func bad(url: String) {
        #expect(throws: ClientError.badURL(url)) { try ControlTarget(url: url) }
    }

    @Test(
        "knows which hosts can only be this machine",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("localhost", true), ("::2", false),
            ("128.0.0.1", false), ("127.example.com", false), ("0.0.0.0", false),
        ]
    )
    func loopback(host: String, isLoopback: Bool) {
        #expect(ControlTarget(host: host, port: 1).isLoopback == isLoopback)
    }

    @Test("writes addresses of six in brackets")
    func authority() {
        #expect(ControlTarget(host: "::1", port: 1).authority == "[::1]:1")
        #expect(ControlTarget(host: "a", port: 1).authority == "a:1")
    }
}
