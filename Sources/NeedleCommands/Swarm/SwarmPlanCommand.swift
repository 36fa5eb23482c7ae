// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import Foundation
internal import NeedleSwarm

/// Plans a fleet: `needletail swarm plan`.
struct SwarmPlanCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Make up nodes for a preset or for a policy of yours, and compute who must see how many others.",
        discussion: """
            Writes policy.hujson, policy2.hujson (of presets one rule more; else --policy2, if given) and roster.json for \
            'needletail swarm run'. Who must see whom is computed from the rules alone, by other code than the server's.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var fleet: FleetOptions

    @Option(help: ArgumentHelp("Where the files go.", valueName: "folder"), completion: .directory)
    var out: String

    @Flag(
        help: "Replace every name and address of the policy, the same by the same, so that it can be shown to others."
    )
    var anonymize = false

    func validate() throws {
        guard !anonymize || fleet.policy != nil else { throw ValidationError("--anonymize is for a --policy of yours") }
    }

    func run(in context: CommandContext) async throws {
        let plan: SwarmPlan
        do {
            plan = try fleet.plan(anonymize: anonymize) { context.warn($0) }
            try plan.write(to: out)
        } catch {
            throw CommandError("\(error)")
        }
        let peers = plan.roster.nodes.map(\.expectPeers).sorted()
        let summary = PlanSummary(
            folder: out,
            preset: plan.roster.preset,
            seed: plan.roster.seed,
            nodes: peers.count,
            users: plan.roster.users.count,
            tags: plan.roster.tags.count,
            peersMin: peers.first ?? 0,
            peersMedian: peers.isEmpty ? 0 : peers[peers.count / 2],
            peersMax: peers.last ?? 0
        )
        try context.show(summary, as: global.output) { summary.text }
        context.suggest(
            "next: \(ShellText.quoted(context.program)) swarm run --spawn --roster \(ShellText.quoted(out))/roster.json",
            as: global.output
        )
    }
}

/// What was planned, in short.
struct PlanSummary: Codable {
    var folder: String
    var preset: String
    var seed: String
    var nodes: Int
    var users: Int
    var tags: Int
    var peersMin: Int
    var peersMedian: Int
    var peersMax: Int

    enum CodingKeys: String, CodingKey {
        case folder
        case preset
        case seed
        case nodes
        case users
        case tags
        case peersMin = "peers_min"
        case peersMedian = "peers_median"
        case peersMax = "peers_max"
    }

    var text: String {
        "\(preset), seed \(seed): \(nodes) nodes, \(users) users, \(tags) tags; "
            + "peers of a node: \(peersMin) at least, \(peersMedian) in the middle, \(peersMax) at most"
    }
}
