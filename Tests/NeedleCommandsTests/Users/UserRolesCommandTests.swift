// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("roles of users", .timeLimit(.minutes(1)))
struct UserRolesCommandTests {
    @Test("create takes a role; the first user is the owner without one")
    func create() async throws {
        try await CommandHarness.withServer { harness in
            let first = await harness.run("users", "create", "alice", "-o", "json")
            #expect(first.object?["role"] as? String == "owner")
            _ = await harness.run("users", "create", "bob", "--role", "auditor")
            _ = await harness.run("users", "create", "carol")
            #expect(harness.gate.snapshot.allUsers.map(\.role) == [.owner, .auditor, .member])
            let wrong = await harness.run("users", "create", "dave", "--role", "king")
            #expect(wrong.status == 1 && wrong.error.contains("network-admin"))
        }
    }

    @Test("set-role names the user by name or id", arguments: [["bob"], ["-n", "bob"], ["-i", "2"]])
    func setRole(selection: [String]) async throws {
        try await CommandHarness.withServer { harness in
            for name in ["alice", "bob"] { _ = try harness.gate.user(named: name) }
            let outcome = await harness.run(
                ["users", "set-role", "--role", "it-admin", "--socket", harness.socketPath] + selection
            )
            #expect(outcome.output == "user 'bob' is now an it-admin\n", "\(outcome.error)")
            #expect(harness.gate.snapshot.user(named: "bob")?.role == .itAdmin)
        }
    }

    @Test("the owner stays owner until there is another")
    func owner() async throws {
        try await CommandHarness.withServer { harness in
            for name in ["alice", "bob"] { _ = try harness.gate.user(named: name) }
            let refused = await harness.run("users", "set-role", "alice", "--role", "member")
            #expect(refused.status == 1 && refused.error.contains("set-role --role owner"))
            let outcome = await harness.run("users", "set-role", "bob", "--role", "owner")
            #expect(outcome.output == "user 'bob' is now the owner\n")
            #expect(harness.gate.snapshot.allUsers.map(\.role) == [.admin, .owner])
        }
    }
}
