// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import CAllocationCount
import NeedleModel
import NeedleTypes
import Testing

/// How many blocks of memory a change takes, which must not follow the size of the tailnet.
///
/// In debug builds, which take more of them than releases do; what is compared is two sizes.
@Suite(.enabled(if: allocation_count_is_available())) struct AllocationTests {
    private static let sizes = [60, 240]

    @Test("the counter counts what this thread asks for")
    func counter() {
        let count = allocations { _ = (0..<100).map { [UInt8](repeating: UInt8($0), count: 64) } }
        #expect(count >= 100)
        #expect(allocations {} == 0)
    }

    @Test("of a join, up to the published snapshot")
    func join() throws {
        let counts = try Self.sizes.map { teams in
            var world = try Teams(teams)
            let user = try #require(world.tailnet.tailnet.user(named: "team3")).id
            let key = try world.tailnet.key(user)
            _ = try world.tailnet.joined(authKey: key)
            var joined: NodeVersion?
            let count = allocations { joined = try? world.tailnet.joined(authKey: key) }
            #expect(joined != nil)
            return count
        }
        #expect(isFlat(counts), "\(counts)")
    }

    @Test("of telling one client of a join")
    func difference() throws {
        let counts = try Self.sizes.map { teams in
            var world = try Teams(teams)
            try world.join(3)
            let snapshot = TailnetSnapshot(world.tailnet.tailnet)
            // One of the same team; the infrastructure; one of another team, who is not looked at in a server.
            return [15, teams * Teams.teamSize, 0].map { index in
                allocations {
                    if case .send(let difference) = world.sessions[index].step(to: snapshot) { _ = difference.pieces }
                }
            }
        }
        for viewer in 0..<3 { #expect(isFlat(counts.map { $0[viewer] }), "\(counts)") }
        #expect(counts[1][2] < 40, "\(counts)")
    }

    @Test("of a change of endpoints, and of telling a client of it")
    func endpoints() throws {
        let endpoints = [try #require(Endpoint(text: "192.0.2.1:41641"))]
        let counts = try Self.sizes.map { teams in
            var world = try Teams(teams)
            let command = UpdateNode(node: world.sessions[15].viewer, update: NodeUpdate(endpoints: endpoints))
            let update = allocations { _ = world.tailnet.perform(command) }
            let snapshot = TailnetSnapshot(world.tailnet.tailnet)
            let telling = allocations {
                if case .send(let difference) = world.sessions[16].step(to: snapshot) { _ = difference.pieces }
            }
            return [update, telling]
        }
        for kind in 0..<2 { #expect(isFlat(counts.map { $0[kind] }), "\(counts)") }
    }

    @Test("of a full map, whose peers are encoded already")
    func fullMap() throws {
        let counts = try Self.sizes.map { teams in
            let world = try Teams(teams)
            let snapshot = TailnetSnapshot(world.tailnet.tailnet)
            let node = world.sessions[15].viewer
            _ = MapDifference(everythingFor: node, in: snapshot)?.pieces
            return allocations { _ = MapDifference(everythingFor: node, in: snapshot)?.pieces }
        }
        #expect(isFlat(counts), "\(counts)")
    }

    /// How many blocks `body` asks for.
    private func allocations(_ body: () -> Void) -> UInt64 {
        let before = allocation_count()
        body()
        return allocation_count() - before
    }

    /// Whether 900 further nodes take hardly more: some blocks for each band of 128 nodes in a long list, but far from one
    /// for each node.
    private func isFlat(_ counts: [UInt64]) -> Bool {
        counts[0] > 0 && counts[1] <= counts[0] + counts[0] / 4 + 112
    }
}
