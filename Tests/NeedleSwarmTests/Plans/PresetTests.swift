// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import FoundationEssentials
import NeedleTypes
import Testing

@testable import NeedleSwarm

@Suite struct PresetTests {
    @Test("has the sizes of the workload that other servers were measured with")
    func sizes() throws {
        let plan = try SwarmPreset.acl15k.plan(SwarmPreset.acl15k.sizes(nodes: 200))
        let policy = try PlainPolicy(plan.policy)
        #expect(policy.rules.count == 15_001)
        #expect(policy.groups.count == 200)
        #expect(policy.groups.values.allSatisfy { (8...32).contains($0.count) })
        #expect(policy.hosts.count == 40)
        #expect(policy.taggable.count == 10)
        #expect(plan.roster.users.count == 666)
        #expect(plan.roster.nodes.count == 200)
        let tagged = plan.roster.nodes.filter { $0.tags != nil }.count
        #expect((35...85).contains(tagged))
    }

    @Test("acl15k is dense, brutal a quarter, ctf a handful, mesh everybody")
    func density() throws {
        func mean(_ preset: SwarmPreset, _ nodes: Int) throws -> Double {
            let roster = try preset.plan(preset.sizes(nodes: nodes)).roster
            #expect((nodes * 9 / 10...nodes).contains(roster.nodes.count))
            return Double(roster.nodes.reduce(0) { $0 + $1.expectPeers }) / Double(roster.nodes.count)
        }
        #expect(try mean(.acl15k, 400) > 390)
        #expect((50...100).contains(try mean(.brutal, 500)))
        #expect((10...20).contains(try mean(.ctf, 300)))
        #expect(try mean(.mesh, 50) == 49)
    }

    @Test("in ctf a participant sees the team, its box and the infrastructure")
    func teams() throws {
        let roster = try SwarmPreset.ctf.plan(SwarmPreset.ctf.sizes(nodes: 66)).roster
        #expect(roster.nodes.count == 66)
        for node in roster.nodes {
            let expected =
                switch node.tags?.first {
                case nil: 4 + 1 + 6
                case let tag? where tag.hasPrefix("tag:chal-"): 5
                default: 50
                }
            #expect(node.expectPeers == expected, "\(node)")
        }
    }

    @Test(
        "is the same for the same seed, and its policy the same for any number of nodes",
        arguments: [
            SwarmPreset.acl15k, .brutal,
        ]
    )
    func determinism(preset: SwarmPreset) throws {
        var sizes = preset.sizes(nodes: 30)
        sizes.rules = 300
        let plan = try preset.plan(sizes)
        #expect(try preset.plan(sizes).roster == plan.roster)
        #expect(try preset.plan(sizes).policy == plan.policy)
        var more = sizes
        more.nodes = 60
        #expect(try preset.plan(more).policy == plan.policy)
        #expect(try preset.plan(sizes, seed: "2").policy != plan.policy)
    }

    @Test("the second policy changes every filter, the small edit few", arguments: SwarmPreset.allCases)
    func edits(preset: SwarmPreset) throws {
        var sizes = preset.sizes(nodes: 600)
        if sizes.rules > 0 { sizes.rules = 400 }
        let plan = try preset.plan(sizes)
        let before = try PlainVisibility(PlainPolicy(plan.policy), plan.roster)
        let all = try PlainVisibility(PlainPolicy(#require(plan.policy2)), plan.roster)
        #expect(before.nodesWithOtherFilter(all).count == plan.roster.nodes.count)
        #expect(all.expectedPeers() == plan.roster.nodes.map(\.expectPeers2))
        let small = try PlainVisibility(PlainPolicy(#require(plan.policySmall)), plan.roster)
        let touched = before.nodesWithOtherFilter(small).count
        #expect((1...40).contains(touched), "\(touched)")
    }

    @Test("is written and read back")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "needletail-plan-\(UInt64.random(in: 0 ... .max))"
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let plan = try SwarmPreset.ctf.plan(SwarmPreset.ctf.sizes(nodes: 30))
        try plan.write(to: folder.path)
        let read = try SwarmPlan.read(roster: folder.appending(path: SwarmPlan.rosterName).path)
        #expect(read.roster == plan.roster)
        #expect(read.policy == plan.policy)
        #expect(read.policy2 == plan.policy2)
        #expect(throws: PlanError.self) { try SwarmPlan.read(roster: folder.appending(path: "nothing").path) }
    }
}
