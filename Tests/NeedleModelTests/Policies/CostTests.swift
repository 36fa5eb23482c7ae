// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleTypes
import Testing

/// What one change costs, counted: it must follow the change and not the size of the tailnet.
@Suite struct CostTests {
    /// Teams of five who see each other, and two nodes of the infrastructure that see everybody and are seen by all.
    private struct Teams {
        static let teamSize = 5
        var tailnet = TestTailnet()
        var sessions: [MapSession] = []
        private let teams: Int

        init(_ teams: Int) throws {
            self.teams = teams
            try set(marker: nil)
            for team in 0..<teams {
                for _ in 0..<Self.teamSize { try join(team) }
            }
            for _ in 0..<2 { try open(tailnet.joined(authKey: try tailnet.key(nil, tags: ["tag:infra"]))) }
            _ = receive()
        }

        mutating func join(_ team: Int) throws {
            let user = try tailnet.tailnet.user(named: "team\(team)")?.id ?? tailnet.user("team\(team)")
            try open(tailnet.joined(authKey: try tailnet.key(user)))
        }

        private mutating func open(_ node: NodeVersion) throws {
            let generation = try tailnet.run(OpenMapStream(node: node.record.id, update: NodeUpdate()))
            sessions.append(MapSession(viewer: node.record.id, generation: generation))
        }

        /// `marker` is a team that gets one more port.
        mutating func set(marker: Int?) throws {
            var rules = (0..<teams).map {
                #"{"action": "accept", "src": ["team\#($0)@"], "dst": ["team\#($0)@:*"]}"#
            }
            rules.append(#"{"action": "accept", "src": ["tag:infra"], "dst": ["autogroup:member:22"]}"#)
            rules.append(#"{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:infra:443"]}"#)
            if let marker {
                rules.insert(#"{"action": "accept", "src": ["team0@"], "dst": ["team\#(marker)@:9"]}"#, at: 0)
            }
            let text = #"{"tagOwners": {"tag:infra": []}, "acls": [\#(rules.joined(separator: ","))]}"#
            let policy = try Policy(text: Array(text.utf8))
            try tailnet.run(SetPolicy(policy, origin: .file))
        }

        /// Lets every session receive, and counts what is made for them.
        mutating func receive() -> Cost {
            var cost = Cost()
            var seen: Set<MapPiece.Key> = []
            let snapshot = TailnetSnapshot(tailnet.tailnet)
            for index in sessions.indices {
                guard case .send(let difference) = sessions[index].step(to: snapshot) else { continue }
                if difference.isFull { cost.fullMaps += 1 } else { cost.differences += 1 }
                for piece in difference.pieces {
                    switch piece {
                    case .own(let json): cost.ownBytes += difference.isFull ? 0 : json.count
                    case .shared(let key, let json):
                        guard !difference.isFull, seen.insert(key).inserted else { continue }
                        cost.sharedBytes += json().count
                    }
                }
            }
            return cost
        }
    }

    private struct Cost: Equatable {
        var fullMaps = 0
        var differences = 0
        /// Bytes of differences that are made for one client.
        var ownBytes = 0
        /// Bytes of differences that are made once for all who receive them.
        var sharedBytes = 0
    }

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

    @Test("of a change nobody is looked at but those who see the node")
    func viewers() throws {
        for teams in [10, 80] {
            var world = try Teams(teams)
            let node = world.sessions[7].viewer
            var before = world.tailnet.tailnet.revision
            let endpoints = [try #require(Endpoint(text: "192.0.2.1:41641"))]
            try world.tailnet.run(UpdateNode(node: node, update: NodeUpdate(endpoints: endpoints)))
            #expect(world.tailnet.tailnet.recentChanges.viewers(since: before)?.count == Teams.teamSize + 2)
            #expect(world.tailnet.tailnet.recentChanges.canWait(since: before))
            before = world.tailnet.tailnet.revision
            try world.join(3)
            #expect(world.tailnet.tailnet.recentChanges.viewers(since: before)?.count == Teams.teamSize + 1 + 2)
            #expect(!world.tailnet.tailnet.recentChanges.canWait(since: before))
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
