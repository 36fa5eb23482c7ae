// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleTypes

/// Teams of five who see each other, and two nodes of the infrastructure that see everybody and are seen by all.
struct Teams {
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
    mutating func receive() -> MessageCost {
        var cost = MessageCost()
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
