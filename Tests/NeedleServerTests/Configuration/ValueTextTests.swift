// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleServer

@Suite struct ValueTextTests {
    @Test(
        "durations are read in Go's and Prometheus' units",
        arguments: [
            ("0", Duration.zero), ("30m", .seconds(1800)), ("1h30m", .seconds(5400)), ("1.5h", .seconds(5400)),
            ("800ms", .milliseconds(800)), ("10us", .microseconds(10)), ("10µs", .microseconds(10)),
            ("7ns", .nanoseconds(7)), ("180d", .seconds(180 * 86400)), ("2w", .seconds(14 * 86400)),
            ("1y", .seconds(365 * 86400)), ("0s", .zero), (".5s", .milliseconds(500)), ("1.s", .seconds(1)),
            ("1m1m", .seconds(120)), ("100y", .seconds(100 * 365 * 86400)),
        ]
    )
    func durations(_ text: String, _ duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(
        "what is no duration is refused",
        arguments: [
            "", "1", "30", "m", "-1h", "+1h", "1 h", "1h ", "1hh", "1x", "1.2.3s", ".", ".s", "1e3s", "0x1s", "１s",
            "101y", "99999999999999999999999h", "1.0000000001s", "NaN", "1h-5m",
        ]
    )
    func notDurations(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("a duration reads back as it was written out", arguments: 0..<200)
    func durationRoundTrip(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let duration = Duration.nanoseconds(Int64.random(in: 0...(1 << Int64.random(in: 0...61)), using: &random))
        #expect(DurationText.parse(DurationText.render(duration)) == duration)
    }

    @Test(
        "URLs of servers",
        arguments: [
            ("https://a.example.com", "https://a.example.com", 443), ("http://10.0.0.1/", "http://10.0.0.1", 80),
            ("http://[::1]:8080", "http://[::1]:8080", 8080), ("HTTPS://A", "https://a", 443),
            ("https://[2001:db8::1]", "https://[2001:db8::1]", 443), ("https://a:443", "https://a:443", 443),
        ]
    )
    func serverURLs(_ text: String, _ canonical: String, _ port: UInt16) throws {
        let url = try #require(ServerURL(text: text))
        #expect(url.description == canonical)
        #expect(url.port == port)
        #expect(ServerURL(text: url.description) == url)
    }

    @Test(
        "what is no URL of a server is refused",
        arguments: [
            "", "a.example.com", "https://", "https:///", "https://a/b", "https://a?b", "https://a#b", "https://u@a",
            "https://u:p@a", "ftp://a", "https://a:0", "https://a:65536", "https://a:", "https://::1", "https://[a]",
            "https://a b", "https://a..b", "https://-a", "https://ä", "https://[::1]x", "://a", "https://a://b",
        ]
    )
    func notServerURLs(_ text: String) {
        #expect(ServerURL(text: text) == nil)
    }

    @Test(
        "listen addresses",
        arguments: [
            ("127.0.0.1:80", false), (":80", true), ("0.0.0.0:80", true), ("[::]:80", true), ("[::1]:80", false),
            ("localhost:0", false),
        ]
    )
    func listenAddresses(_ text: String, _ isWildcard: Bool) throws {
        let address = try #require(ListenAddress(text: text))
        #expect(address.description == text)
        #expect(address.isWildcard == isWildcard)
    }

    @Test(
        "what is no listen address is refused",
        arguments: [
            "", ":", "80", "a", "a:", "a:b", "a:-1", "a:65536", "::1:80", "[::1]80", "[]:80", "[::1:80", "a b:80",
            "a:００", ":http", "[1.2.3.4]:80",
        ]
    )
    func notListenAddresses(_ text: String) {
        #expect(ListenAddress(text: text) == nil)
    }

    @Test(
        "edit distance counts letters put in, taken out, replaced and exchanged",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abc", "abc", 0),
            ("listen_adr", "listen_addr", 1), ("dsn", "dns", 1),
        ]
    )
    func distance(_ left: String, _ right: String, _ expected: Int) {
        #expect(EditDistance.between(Array(left.utf8), Array(right.utf8)) == expected)
        #expect(EditDistance.between(Array(right.utf8), Array(left.utf8)) == expected)
    }

    @Test(
        "nothing is proposed for what resembles nothing",
        arguments: [
            "zzzzzz", "", String(repeating: "listen_addr", count: 100),
        ]
    )
    func nothingNear(_ name: String) {
        #expect(NearestName.nearest(to: name, among: ["listen_addr", "dns.magic_dns"]) == nil)
    }

    @Test("long values are shortened and control characters escaped in messages")
    func quoting() {
        #expect(KeyProblem.quote("a\nb") == #""a\nb""#)
        #expect(KeyProblem.quote(String(repeating: "x", count: 1000)).count < 70)
    }
}
