// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleSwarm

@Suite struct StrayPeerTests {
    /// A member of a run: its node's id is its number and 10.
    private static func result(
        _ member: Int,
        expects: Int,
        _ peers: [Int64],
        isMapped: Bool = true
    ) -> SwarmClientResult {
        var result = SwarmClientResult()
        result.member = member
        result.isReleased = true
        result.registered = .now()
        result.goal.expectedPeers = expects
        guard isMapped else { return result }
        result.firstMap = .now()
        result.tally.apply([.own(Int64(member) + 10)] + peers.map(PeerFact.peer))
        return result
    }

    /// Of four nodes of alice, bob, carol and dave, who may see whom when one may reach another.
    private static func visibility(_ source: String, _ destination: String) throws -> PlainVisibility {
        let text = #"{"acls": [{"action": "accept", "src": ["\#(source)@"], "dst": ["\#(destination)@:*"]}]}"#
        let roster = Roster(
            preset: "policy",
            seed: "1",
            users: ["alice", "bob", "carol", "dave"],
            tags: [],
            groups: [:],
            nodes: ["alice", "bob", "carol", "dave"].map { Roster.Node(hostname: $0, osname: "linux", user: $0) }
        )
        return try PlainVisibility(PlainPolicy(text), roster)
    }

    private static let names = ["alice", "bob", "carol", "dave"]

    @Test("is whoever no policy lets a client with too many peers see")
    func member() throws {
        let results = [
            Self.result(0, expects: 1, [11, 12]), Self.result(1, expects: 1, [10]), Self.result(2, expects: 0, []),
            Self.result(3, expects: 0, []),
        ]
        let policy = try Self.visibility("alice", "bob")
        let stray = StrayPeer.first(in: results, [policy])
        #expect(stray == StrayPeer(client: 0, peer: 2, id: 12))
        #expect(stray?.text(Self.names) == "such as 'alice', which sees 'carol'")
        // What another policy of the run allowed is no stray, but a peer to be taken back.
        #expect(StrayPeer.first(in: results, [try Self.visibility("carol", "alice"), policy]) == nil)
    }

    @Test("is looked for only with clients that have too many")
    func enough() throws {
        let results = [
            Self.result(0, expects: 1, [12]), Self.result(1, expects: 1, [10]), Self.result(2, expects: 1, []),
        ]
        #expect(StrayPeer.first(in: results, [try Self.visibility("alice", "bob")]) == nil)
    }

    @Test("may be a node that is none of the fleet, once everybody who is in is known")
    func outsider() throws {
        let results = [Self.result(0, expects: 0, [99]), Self.result(1, expects: 0, [])]
        let stray = StrayPeer.first(in: results, [PlainVisibility]())
        #expect(stray == StrayPeer(client: 0, peer: nil, id: 99))
        #expect(stray?.text(Self.names).contains("'alice', which sees node 99, which is not of this fleet") == true)
        let unknown = results + [Self.result(2, expects: 0, [], isMapped: false)]
        #expect(StrayPeer.first(in: unknown, [PlainVisibility]()) == nil)
    }

    @Test("is named by the judgement, once")
    func judgement() throws {
        let results = [
            Self.result(0, expects: 1, [11, 12]), Self.result(1, expects: 1, [10]), Self.result(2, expects: 0, []),
        ]
        let judgement = SwarmJudgement(
            results,
            isMesh: false,
            policies: [try Self.visibility("alice", "bob")],
            names: Self.names
        )
        let example = "such as 'alice', which sees 'carol'"
        #expect(judgement.outcome.contains("1 clients have too many peers (\(example))"), "\(judgement.outcome)")
        #expect(judgement.outcome.ranges(of: example).count == 1)
    }
}
