// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes
import Testing

@testable import NeedlePolicy

/// What is let through.
@Suite struct PolicyAcceptanceTests {
    @Test(
        "takes what the language allows",
        arguments: [
            "{}",
            "// nothing\n{ /* at all */ }",
            #"{"acls": []}"#,
            #"{"ACLs": [{"action": "accept", "users": ["*"], "ports": ["*:*"]}]}"#,
            ##"{"acls": [{"# note": "x", "action": "accept", "src": ["*"], "dst": ["*:*"], "proto": 6}]}"##,
            #"{"acls": [{"action": "accept", "src": [" ann@example.com "], "dst": ["[fd7a::1]:22", "fd7a::2:22", "10.0.0.1-10.0.0.9:80,90-99"]}]}"#,
            #"{"grants": [{"src": ["user:*@example.com"], "dst": ["svc:web"], "ip": ["tcp:443", "icmp:*", "*"]}]}"#,
            #"{"tagOwners": {"tag:a": ["tag:b"], "tag:b": ["tag:a", "autogroup:admin"]}}"#,
            #"{"ssh": [{"action": "check", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["localpart:*@", "autogroup:nonroot"], "checkPeriod": "always"}]}"#,
            #"{"nodeAttrs": [{"target": ["*"], "app": {"tailscale.com/app-connectors": [{"name": "x", "connectors": ["*"], "domains": ["example.com"]}]}}]}"#,
            #"{"derpMap": {"Regions": {}}, "extraDNSRecords": [], "OneCGNATRoute": "mac-always", "attrConfig": {}, "disableIPv4": true}"#,
            #"{"postures": {"posture:a": ["node:os IN ['linux', 'macos']", "custom:tier >= 2", "custom:x NOT SET"]}, "defaultSrcPosture": ["posture:a"]}"#,
            #"{"autoApprovers": {"services": {"svc:web": ["tag:a"]}}, "tagOwners": {"tag:a": []}}"#,
        ]
    )
    func accepts(text: String) throws {
        _ = try Policy(text: Array(text.utf8), domain: "example.com")
    }

    @Test("reads addresses, prefixes and ranges, and writes them as filters do")
    func ranges() {
        #expect(AddressRange(text: "10.0.0.1")?.description == "10.0.0.1")
        #expect(AddressRange(text: "10.0.0.7/8")?.description == "10.0.0.0/8")
        #expect(AddressRange(text: "10.0.0.0-10.0.0.255")?.description == "10.0.0.0/24")
        #expect(AddressRange(text: "10.0.0.1-10.0.0.3")?.description == "10.0.0.1-10.0.0.3")
        #expect(AddressRange(text: "10.0.0.3-10.0.0.1") == nil)
        #expect(AddressRange(text: "10.0.0.1-fd00::1") == nil)
        #expect(AddressRange(text: "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")?.prefixes.count == 1)
    }

    @Test("splits ranges into the fewest prefixes")
    func prefixes() {
        #expect(
            AddressRange(text: "10.0.0.1-10.0.0.6")?.prefixes.map(\.description) == [
                "10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32",
            ]
        )
        #expect(
            AddressRange(text: "255.255.255.254-255.255.255.255")?.prefixes.map(\.description) == ["255.255.255.254/31"]
        )
        #expect(AddressRange(text: "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")?.prefixes.count == 128)
        #expect(KnownRanges.internet.flatMap(\.prefixes).count == 48)
    }

    @Test("adds to and takes from sets of addresses")
    func sets() throws {
        var set = AddressSet([
            try #require(AddressRange(text: "10.0.0.0/8")), try #require(AddressRange(text: "11.0.0.0/8")),
        ])
        #expect(set.ranges.map(\.description) == ["10.0.0.0/7"])
        set.remove(try #require(AddressRange(text: "10.0.0.0")))
        set.remove(try #require(AddressRange(text: "11.1.0.0/16")))
        set.remove(try #require(AddressRange(text: "192.0.2.0/24")))
        #expect(set.ranges.map(\.description) == ["10.0.0.1-11.0.255.255", "11.2.0.0-11.255.255.255"])
        set.insert(try #require(AddressRange(text: "11.1.0.0/16")))
        #expect(set.ranges.map(\.description) == ["10.0.0.1-11.255.255.255"])
    }

    @Test(
        "reads and writes durations as Go does",
        arguments: [
            ("0", "0s"), ("30s", "30s"), ("90m", "1h30m0s"), ("200h", "200h0m0s"), ("1.5h", "1h30m0s"),
            ("-2m30s", "-2m30s"), ("1h0.5s", "1h0m0.5s"), ("168h", "168h0m0s"),
        ]
    )
    func durations(text: String, written: String) throws {
        #expect(try GoDuration(text).description == written)
    }

    @Test(
        "refuses other durations in Go's words",
        arguments: [
            ("", #"time: invalid duration """#), ("abc", #"time: invalid duration "abc""#),
            ("12", #"time: missing unit in duration "12""#), ("3d", #"time: unknown unit "d" in duration "3d""#),
            (".s", #"time: invalid duration ".s""#), ("99999999999h", #"time: invalid duration "99999999999h""#),
        ]
    )
    func badDurations(text: String, message: String) {
        let failure = #expect(throws: SyntaxFailure.self) { try GoDuration(text) }
        #expect(failure?.message == message)
    }

    @Test("guesses what was meant")
    func nearest() {
        #expect(NearestName.of("tag:wep", among: ["tag:db", "tag:web"]) == "tag:web")
        #expect(NearestName.of("ACLS", among: ["acls", "grants"]) == "acls")
        #expect(NearestName.of("entirely different", among: ["acls", "grants"]) == nil)
        #expect(NearestName.of("x", among: [String]()) == nil)
    }

    @Test("what is taken but not obeyed is named, with its place and what to do in its place")
    func warnings() throws {
        let text = "{\n\"acls\": [],\n\"derpMap\": {\"Regions\": {}}, \"extraDNSRecords\": null}"
        let warnings = try Policy(text: Array(text.utf8)).warnings
        #expect(warnings.map(\.message) == ["\"derpMap\" is not obeyed"])
        #expect(warnings.first?.position?.line == 3)
        #expect(warnings.first?.hint?.contains("derp.paths") == true)
        #expect(try Policy(text: Array("{}".utf8)).warnings.isEmpty)
    }
}
