// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleTypes
import Testing

/// What one change costs, counted: it must follow the change and not the size of the tailnet.
@Suite struct CostTests {
    @Test("a join tells its own team and the infrastructure, however many others there are")
    func join() throws {
        let costs = try [10, 80].map { teams in
            var world = try Teams(teams)
            try world.join(3)
            return world.receive()
        }
        for cost in costs {
            #expect(cost.fullMaps == 1)
            #expect(cost.differences == Teams.teamSize + 2)
        }
        // The infrastructure's filter lists everybody, and is made once; what is made for single clients does not grow.
        #expect(costs[1].ownBytes < costs[0].ownBytes * 5 / 4, "\(costs)")
    }

    @Test("who is seen by everybody is told of a few dozen addresses for each who joins, not of all")
    func longLists() throws {
        let costs = try [60, 240].map { teams in
            var world = try Teams(teams)
            try world.join(3)
            return world.receive()
        }
        // A band of the list of all members, and the profiles and peers.
        #expect(costs[1].sharedBytes < costs[0].sharedBytes * 5 / 4, "\(costs)")
        #expect(costs[1].sharedBytes < 12_000, "\(costs)")
    }

    @Test("of a change nobody is looked at but those who see the node")
    func viewers() throws {
        for teams in [10, 80] {
            var world = try Teams(teams)
            let node = world.sessions[7].viewer
            var before = world.tailnet.tailnet.revision
            let endpoints = [try #require(Endpoint(text: "192.0.2.1:41641"))]
            try world.tailnet.run(UpdateNode(node: node, update: NodeUpdate(endpoints: endpoints)))
            #expect(world.tailnet.tailnet.recentChanges.viewers(since: before)?.count == Teams.teamSize + 2)
            #expect(world.tailnet.tailnet.recentChanges.haste(since: before) == .whenever)
            before = world.tailnet.tailnet.revision
            try world.join(3)
            #expect(world.tailnet.tailnet.recentChanges.viewers(since: before)?.count == Teams.teamSize + 1 + 2)
            #expect(world.tailnet.tailnet.recentChanges.haste(since: before) == .soon)
            before = world.tailnet.tailnet.revision
            let user = try #require(world.tailnet.tailnet.user(named: "team3")).id
            _ = try world.tailnet.joined(authKey: try world.tailnet.key(user))
            #expect(world.tailnet.tailnet.recentChanges.haste(since: before) == .soon)
            before = world.tailnet.tailnet.revision
            try world.set(marker: 4)
            #expect(world.tailnet.tailnet.recentChanges.viewers(since: before) == nil)
        }
    }

    @Test("a policy edit tells those whom it concerns, and costs them alone")
    func edit() throws {
        let costs = try [10, 80].map { teams in
            var world = try Teams(teams)
            try world.set(marker: 4)
            return world.receive()
        }
        for cost in costs { #expect(cost.differences == 2 * Teams.teamSize) }
        let bytes = costs.map { $0.ownBytes + $0.sharedBytes }
        #expect(bytes[1] < bytes[0] * 5 / 4, "\(costs)")
    }

    @Test("endpoints are told as one patch, made once for each kind of viewer")
    func endpoints() throws {
        let costs = try [10, 80].map { teams in
            var world = try Teams(teams)
            let node = world.sessions[7].viewer
            let endpoints = [try #require(Endpoint(text: "192.0.2.1:41641"))]
            try world.tailnet.run(UpdateNode(node: node, update: NodeUpdate(endpoints: endpoints)))
            return world.receive()
        }
        for cost in costs {
            #expect(cost.differences == Teams.teamSize - 1 + 2)
            #expect(cost.ownBytes == 0)
            #expect(cost.sharedBytes < 2 * 150)
        }
    }
}
