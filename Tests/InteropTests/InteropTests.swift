// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

/// The server as the official client from PyPI meets it; see docs/interop.md.
@Suite(.enabled(if: Interop.isPrepared, "\(Interop.whySkipped)"), .serialized, .timeLimit(.minutes(5)))
struct InteropTests {
    @Test("two nodes exchange TCP and UDP through the relay", arguments: ["http", "https"])
    func twoNodes(scheme: String) async throws {
        try await TestServer.run(scheme: scheme) { server in
            let key = try await server.makeKey("--reusable")
            let arguments = [Interop.script("two_nodes.py").path(percentEncoded: false), server.url, key]
            let script = try ChildProcess("two-nodes", Interop.python(), arguments, in: server.folder)
            let status = try await script.exitStatus(within: .seconds(180))
            #expect(status == 0, "\(script.output)\n\(script.lastErrors)")
        }
    }

    @Test("ten nodes in one process know each other by name and address, and talk")
    func tenNodes() async throws {
        let names = (0..<10).map { "node-\($0)" }
        try await TestServer.run { server in
            let key = try await server.makeKey("--reusable")
            try await Clients.run(on: server) { clients in
                let addresses = try await clients.join(names, key: key)
                #expect(Set(addresses.values.joined()).count == 20)
                try await clients.settle(names)
                for (a, b) in zip(names, names.dropFirst()) { try await clients.exchange(a, b) }
            }
        }
    }

    /// How a node loses its right to take part.
    enum Loss: String, CaseIterable {
        case expiredNow, expiredByItself, removed

        func inflict(on server: TestServer, id: String) async throws {
            switch self {
            case .expiredNow:
                try await server.command("nodes", "expire", "-i", id)
            case .expiredByItself:
                let soon = Date(timeIntervalSinceNow: 3).formatted(.iso8601)
                try await server.command("nodes", "expire", "-i", id, "--expiry", soon)
            case .removed:
                try await server.command("nodes", "delete", "-i", id, "--force")
            }
        }
    }

    @Test(
        "a node that expires or is removed while it is connected is cut off, and the others go on",
        arguments: Loss.allCases
    )
    func cutOff(loss: Loss) async throws {
        try await TestServer.run { server in
            let key = try await server.makeKey("--reusable")
            let spent = try await server.makeKey()
            try await Clients.run(on: server) { clients in
                try await clients.join(["a", "c"], key: key)
                try await clients.join(["b"], key: spent)
                try await clients.settle(["a", "b", "c"])
                try await clients.exchange("a", "b")
                try await clients.exchange("a", "c")
                try await loss.inflict(on: server, id: try await server.nodeID("b"))
                try await clients.awaitBlocked("a", "b")
                // The others go on, which also shows that it is not the client that broke.
                try await clients.exchange("a", "c")
            }
            // The same machine in a new process has only a key that is spent.
            try await expectRefusal(of: "b", key: spent, by: server)
            let names = try await server.nodes().map(\.givenName).sorted()
            #expect(names == (loss == .removed ? ["a", "c"] : ["a", "b", "c"]))
        }
    }

    @Test("a single-use key lets one machine in, and that machine again in a new process")
    func singleUse() async throws {
        try await TestServer.run { server in
            let spent = try await server.makeKey()
            let addresses = try await Clients.run(on: server) { clients in
                try await clients.join(["first"], key: spent)
            }
            try await expectRefusal(of: "second", key: spent, by: server)
            let key = try await server.makeKey("--reusable")
            try await Clients.run(on: server) { clients in
                let again = try await clients.join(["first"], key: spent)
                #expect(again == addresses)
                try await clients.join(["other"], key: key)
                try await clients.settle(["first", "other"])
                try await clients.exchange("first", "other")
            }
            #expect(try await server.nodes().map(\.givenName).sorted() == ["first", "other"])
        }
    }

    @Test("a node that joins with a tagged key has its tags, and talks")
    func tagged() async throws {
        try await TestServer.run { server in
            let taggedKey = try await server.makeKey("--tags", "tag:server")
            let key = try await server.makeKey()
            try await Clients.run(on: server) { clients in
                try await clients.join(["served"], key: taggedKey)
                try await clients.join(["mine"], key: key)
                try await clients.settle(["served", "mine"])
                try await clients.exchange("served", "mine")
            }
            let tags = Dictionary(uniqueKeysWithValues: try await server.nodes().map { ($0.givenName, $0.tags) })
            #expect(tags == ["served": ["tag:server"], "mine": []])
        }
    }

    @Test(
        "after a restart, clients with the same key files keep their addresses and talk",
        arguments: [SIGTERM, SIGKILL]
    )
    func restart(signal: Int32) async throws {
        try await TestServer.run { server in
            let keys = ["a": try await server.makeKey(), "b": try await server.makeKey()]
            // This client gives up for good as soon as its server refuses a connection, so its process is ended.
            let addresses = try await Clients.run(on: server) { clients in
                let addresses = try await clients.join(keys)
                try await clients.settle(["a", "b"])
                try await clients.exchange("a", "b")
                try await server.stop(signal: signal)
                return addresses
            }
            try await server.start()
            try await Clients.run(on: server) { clients in
                #expect(try await clients.join(keys) == addresses)
                try await clients.settle(["a", "b"])
                try await clients.exchange("a", "b")
            }
        }
    }

    @Test("running clients come back to a server whose port stayed open", arguments: [SIGTERM, SIGKILL])
    func restartBehindFront(signal: Int32) async throws {
        try await TestServer.run(hasFront: true) { server in
            let keys = ["a": try await server.makeKey(), "b": try await server.makeKey()]
            try await Clients.run(on: server) { clients in
                let addresses = try await clients.join(keys)
                try await clients.settle(["a", "b"])
                try await clients.exchange("a", "b")
                try await server.stop(signal: signal)
                try await server.start()
                try await server.awaitAllOnline()
                let nodes = try await server.nodes().map { ($0.givenName, $0.ipAddresses) }
                #expect(Dictionary(uniqueKeysWithValues: nodes) == addresses)
                try await clients.settle(["a", "b"])
            }
        }
    }

    @Test("a policy that forbids it cuts two nodes off within a second, and one that allows it joins them again")
    func policy() async throws {
        let allowed = #"{"acls": [{"action": "accept", "src": ["me@"], "dst": ["me@:*"]}]}"#
        try await TestServer.run { server in
            let key = try await server.makeKey("--reusable")
            try await server.setPolicy(allowed)
            try await Clients.run(on: server) { clients in
                try await clients.join(["a", "b"], key: key)
                try await clients.settle(["a", "b"])
                try await clients.exchange("a", "b")
                try await server.setPolicy(#"{"acls": []}"#)
                try await Task.sleep(for: .seconds(1))
                #expect(try await clients.probe("a", "b", seconds: Clients.blockedSeconds) == [])
                try await server.setPolicy(allowed)
                try await clients.settle(["a", "b"])
                try await clients.exchange("a", "b")
            }
        }
    }

    /// Expects that a client in a process of its own is told that it may not join.
    private func expectRefusal(
        of name: String,
        key: String,
        by server: TestServer,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await Clients.run(on: server) { clients in
            let answer = try await clients.tryJoining([name], key: key, seconds: Clients.refusalSeconds)
            #expect(answer.joined.isEmpty, sourceLocation: sourceLocation)
            #expect(
                clients.log.contains("machine was not authorized"),
                "\(clients.log)",
                sourceLocation: sourceLocation
            )
            #expect(!clients.log.contains("status=5"), "\(clients.log)", sourceLocation: sourceLocation)
        }
    }
}
