// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleSwarm
import NeedleTesting
import NeedleTypes
import Testing

/// Policies in the real program, seen by simulated clients.
@Suite(.timeLimit(.minutes(5))) struct PolicyTests {
    private static let open = #"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}"#
    private static let closed = #"{"acls": []}"#
    private static let wrong = "{\"acls\": [],\n  \"group\": {}}"

    @Test("a changed file reaches the clients, and a wrong one leaves the old one in force")
    func fileChanges() async throws {
        let server = try ServerProcess(extraConfiguration: "policy: {path: policy.hujson}")
        try server.write(Self.open, to: "policy.hujson")
        try await server.start()
        #expect(server.log.contains("a policy came into force"))
        let (one, two) = try await Self.join(server)
        try await one.waitUntil { $0.peers.count == 1 }
        try await two.waitUntil { $0.peers.count == 1 }

        try server.write(Self.closed, to: "policy.hujson")
        try await one.waitUntil { $0.peers.isEmpty }
        try await two.waitUntil { $0.peers.isEmpty }
        #expect(try await server.command("policy", "get").output == Self.closed)

        try server.write(Self.wrong, to: "policy.hujson")
        try await server.waitForLog("is refused", count: 1)
        #expect(try await server.command("policy", "get").output == Self.closed)

        try server.write(Self.open, to: "policy.hujson")
        try await one.waitUntil { $0.peers.count == 1 }
    }

    @Test("SIGHUP and the command read the file again, even when it has not changed")
    func fileOnDemand() async throws {
        let server = try ServerProcess(extraConfiguration: "policy: {path: ./policy.hujson}")
        try server.write(Self.closed, to: "policy.hujson")
        try await server.start()
        try server.write(Self.wrong, to: "policy.hujson")
        try await server.waitForLog("is refused", count: 1)
        // What was refused is not tried again by itself.
        server.signal(SIGHUP)
        try await server.waitForLog("is refused", count: 2)
        let reload = try await server.command("policy", "reload", expecting: 1)
        #expect(reload.errors.contains("line 2, column 3"))
        try server.write(Self.open, to: "policy.hujson")
        _ = try await server.command("policy", "reload")
        #expect(try await server.command("policy", "get").output == Self.open)
        let set = try await server.command("policy", "set", "policy.hujson", expecting: 1)
        #expect(set.errors.contains("modes other than 'database'"))
    }

    @Test("a wrong or missing file keeps the server from starting, with every finding and its place")
    func startRefused() async throws {
        let server = try ServerProcess(extraConfiguration: "policy: {path: policy.hujson}")
        #expect(try await server.command("serve", expecting: 1).errors.contains("policy.hujson' is not there"))
        try server.write("{\"acls\": [{\"action\": \"refuse\"}],\n  \"group\": {}}", to: "policy.hujson")
        let errors = try await server.command("serve", expecting: 1).errors
        #expect(errors.contains("policy.hujson:1:"))
        #expect(errors.contains("policy.hujson:2:3: "))
    }

    @Test("versions, their history and a rollback survive kill -9, and a hang-up does no harm")
    func versions() async throws {
        let server = try ServerProcess(extraConfiguration: "policy: {mode: database}")
        try await server.start()
        let (one, _) = try await Self.join(server)
        try await one.waitUntil { $0.peers.count == 1 }
        try server.write(Self.closed, to: "closed.hujson")
        try server.write(Self.open, to: "open.hujson")
        _ = try await server.command("policy", "set", "closed.hujson", "--comment", "shut")
        try await one.waitUntil { $0.peers.isEmpty }
        server.signal(SIGHUP)
        try await server.waitForLog("SIGHUP", count: 1)
        try await server.crash()
        try await server.start()
        #expect(server.log.contains("version 1"))
        #expect(try await server.command("policy", "get").output == Self.closed)
        _ = try await server.command("policy", "set", "open.hujson")
        _ = try await server.command("policy", "rollback", "1")
        try await server.crash()
        try await server.start()
        #expect(try await server.command("policy", "get").output == Self.closed)
        #expect(try await server.command("policy", "get", "--version", "2").output == Self.open)
        let history = try await server.command("policy", "history").output
        #expect(history.contains("3 (in force)") && history.contains("rollback to 1") && history.contains("shut"))
        let refused = try await server.command("policy", "set", "config.yaml", expecting: 1)
        #expect(refused.errors.contains("config.yaml:1:1: "))
    }

    private static func join(_ server: ServerProcess) async throws -> (SimulatedMapStream, SimulatedMapStream) {
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        let one = try SimulatedClient(to: target, hostname: "one", authKey: key)
        let two = try SimulatedClient(to: target, hostname: "two", authKey: key)
        return (try await one.join(), try await two.join())
    }
}
