// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTypes
import Testing

@Suite struct UserRoleTests {
    @Test("the first user is the owner, later ones are members unless another role is given")
    func first() throws {
        var tailnet = TestTailnet()
        #expect(try tailnet.run(CreateUser(name: "ann")).role == .owner)
        #expect(try tailnet.run(CreateUser(name: "bob")).role == .member)
        #expect(try tailnet.run(CreateUser(name: "carl", role: .auditor)).role == .auditor)
    }

    @Test("there is one owner: a new one makes the former an admin, and nobody else may stop being it")
    func owner() throws {
        var tailnet = TestTailnet()
        let ann = try tailnet.user("ann")
        let bob = try tailnet.user("bob")
        let error = #expect(throws: ModelError.self) { try tailnet.run(SetUserRole(user: ann, role: .member)) }
        #expect(error?.code == .refused)
        let (reply, batch) = tailnet.perform(SetUserRole(user: bob, role: .owner))
        #expect(try reply.get().role == .owner)
        #expect(batch.users.map(\.role) == [.admin, .owner])
        #expect(tailnet.tailnet.owner?.id == bob)
    }
}
