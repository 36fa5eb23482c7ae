// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import Testing

/// What the fuzzer found, a test with a name for each, so that it stays repaired.
///
/// The input of a find also goes into its parser's folder of the corpus, once it is repaired.
@Suite struct FuzzResultTests {
    @Test(
        "a time that cannot be written is not read",
        arguments: ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"]
    )
    func unwritableTime(text: String) throws {
        let parser = try #require(ParserUnderTest.all.first { $0.name == "register-request" })
        try parser.check(Array(#"{"Expiry":"\#(text)"}"#.utf8))
    }

    @Test("capabilities for which nobody is left are in no part of a filter")
    func capabilitiesOfNobody() throws {
        let parser = try #require(ParserUnderTest.all.first { $0.name == "tailnet-file" })
        let nodes = #"{"box": {"tags": ["tag:a"], "ipv4": "100.64.0.2", "attributes": {"node:os": "linux"}}}"#
        try parser.check(Array(#"{"users": [], "nodes": \#(nodes)}"#.utf8))
    }
}
