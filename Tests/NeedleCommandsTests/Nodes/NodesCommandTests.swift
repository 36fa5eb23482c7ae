// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("nodes", .timeLimit(.minutes(1)))
struct NodesCommandTests {
    @Test("list shows a table")
    func lists() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            _ = try harness.gate.join("web", user: nil, tags: ["tag:web"])
            harness.gate.advance(by: .seconds(7200))
            let outcome = await harness.run("nodes", "list")
            #expect(
                outcome.output == """
                    ID  NAME    OWNER    ADDRESSES                     STATE    LAST SEEN    KEY EXPIRES
                    1   laptop  alice    100.64.0.1 fd7a:115c:a1e0::1  offline  2 hours ago  never
                    2   web     tag:web  100.64.0.2 fd7a:115c:a1e0::2  offline  2 hours ago  never

                    """
            )
        }
    }

    @Test("list by user, by id or name", arguments: ["alice", "1"])
    func listsByUser(user: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            _ = try harness.gate.join("desk", user: "bob")
            let outcome = await harness.run("node", "ls", "-u", user, "-o", "json")
            #expect(outcome.array?.compactMap { $0["givenName"] as? String } == ["laptop"])
            #expect(await harness.run("nodes", "list", "-u", "carol").status == 1)
        }
    }

    @Test("an empty list says how a machine joins")
    func emptyList() async throws {
        try await CommandHarness.withServer { harness in
            #expect(await harness.run("nodes", "list").error.contains("preauthkeys create --user USER"))
        }
    }

    @Test("show, by id or name", arguments: [["1"], ["laptop"], ["-i", "1"], ["--identifier", "laptop"]])
    func shows(selection: [String]) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let arguments = ["nodes", "show", "--socket", harness.socketPath] + selection
            let text = await harness.run(arguments)
            #expect(text.status == 0, "\(text.error)")
            #expect(text.output.contains("host name    laptop\n"))
            #expect(text.output.contains("address      fd7a:115c:a1e0::1\n"))
            #expect(text.output.contains("with auth key 1\n"))
            let json = await harness.run(arguments + ["-o", "json"])
            #expect(json.object?["id"] as? String == "1")
            #expect(json.object?["expiry"] is NSNull)
            #expect(json.object?.count == 18)
        }
    }

    @Test("a client's host name cannot move the cursor")
    func hostileName() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("\u{1b}[2Jlaptop\n\u{202e}x", user: "alice")
            let outcome = await harness.run("nodes", "show", "1")
            #expect(!outcome.output.contains("\u{1b}"))
            #expect(!outcome.output.contains("\u{202e}"))
            #expect(outcome.output.contains("\u{fffd}[2Jlaptop\u{fffd}\u{fffd}x\n"))
        }
    }

    @Test("rename")
    func renames() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let outcome = await harness.run("nodes", "rename", "desk", "-i", "1")
            #expect(outcome.output == "node 1 'laptop' is now 'desk'\n")
            #expect(
                await harness.run("nodes", "rename", "lap", "-i", "desk", "-o", "json").object?["givenName"] as? String
                    == "lap"
            )
            #expect(await harness.run("nodes", "rename", "No Label", "-i", "1").status == 1)
            #expect(await harness.run("nodes", "rename", "..", "-i", "1").error.contains("a-z"))
            #expect(await harness.run("nodes", "rename", "x", "-i", "9").error.contains("no node 9"))
            #expect(await harness.run("nodes", "rename", "x", "-i", "nobody").error.contains("no node 'nobody'"))
        }
    }

    @Test("expire now, later and never", arguments: ["expire", "logout", "exp", "e"])
    func expires(verb: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let now = await harness.run("nodes", verb, "-i", "1")
            #expect(now.output.contains("has expired"))
            #expect(harness.gate.snapshot.node(NodeID(1))?.isExpired == true)
            #expect(await harness.run("nodes", "list").output.contains("expired"))
            let later = await harness.run("nodes", verb, "1", "-e", "2026-06-01T00:00:00Z", "-o", "json")
            #expect(later.object?["expiry"] as? String == "2026-06-01T00:00:00Z")
            let text = await harness.run("nodes", verb, "1", "--expiry", "2026-05-30T20:26:40Z")
            #expect(text.output.contains("expires in 2 days"))
            #expect(await harness.run("nodes", verb, "1", "-d").output.contains("never expires"))
            #expect(harness.gate.snapshot.node(NodeID(1))?.record.expiry == nil)
            #expect(await harness.run("nodes", verb, "1", answers: ["n"]).status == 1)
            #expect(harness.gate.snapshot.node(NodeID(1))?.isExpired == false)
        }
    }

    @Test("tag", arguments: ["tag", "tags", "t"])
    func tags(verb: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let outcome = await harness.run("nodes", verb, "-i", "1", "-t", "tag:b,tag:a")
            #expect(outcome.output == "node 1 'laptop' is now tag:a, tag:b\n")
            let json = await harness.run("nodes", verb, "laptop", "-t", "tag:c", "-o", "json")
            #expect(json.object?["tags"] as? [String] == ["tag:c"])
            #expect(json.object?["user"] is NSNull)
            #expect(await harness.run("nodes", verb, "1", "-t", "").error.contains("tags cannot be taken away"))
        }
    }

    @Test("delete", arguments: ["delete", "del"])
    func deletes(verb: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            #expect(await harness.run("nodes", verb, "-i", "1", answers: ["no"]).status == 1)
            #expect(harness.gate.snapshot.nodes.count == 1)
            let outcome = await harness.run("nodes", verb, "-i", "1", answers: ["y"])
            #expect(outcome.output == "node 1 'laptop' deleted\n")
            #expect(harness.gate.snapshot.nodes.count == 0)
            #expect(await harness.run("nodes", verb, "-i", "1").status == 1)
        }
    }
}
