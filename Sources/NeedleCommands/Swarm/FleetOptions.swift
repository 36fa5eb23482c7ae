// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleSwarm

/// Which fleet is meant.
struct FleetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A made-up tailnet: acl15k, brutal, ctf or mesh.", valueName: "preset"))
    var preset: SwarmPreset?

    @Option(
        help: ArgumentHelp("A policy of yours, HuJSON as headscale takes it.", valueName: "file"),
        completion: .file()
    )
    var policy: String?

    @Option(help: ArgumentHelp("A second policy, which 'policy' runs set.", valueName: "file"), completion: .file())
    var policy2: String?

    @Option(help: ArgumentHelp("How many nodes; ctf takes as many teams as fit.", valueName: "number"))
    var nodes: Int?

    @Option(help: ArgumentHelp("What the random numbers begin with.", valueName: "text"))
    var seed = "1"

    @Option(help: ArgumentHelp("With --policy: the share of nodes that are tagged, 0 to 1.", valueName: "share"))
    var tagged: Double?

    @Option(help: ArgumentHelp("With --policy: users whom it does not name.", valueName: "number"))
    var strangers = 0

    func validate() throws {
        guard preset == nil || policy == nil else { throw ValidationError("say --preset or --policy, not both") }
        guard preset == nil || policy2 == nil else {
            throw ValidationError("presets have a second policy of their own")
        }
        guard (1...19_000).contains(nodes ?? 1) else { throw ValidationError("--nodes takes a number from 1 to 19000") }
        guard (0...1).contains(tagged ?? 0) else { throw ValidationError("--tagged takes a number from 0 to 1") }
        guard (0...19_000).contains(strangers) else { throw ValidationError("--strangers takes 0 to 19000") }
        guard preset == nil || tagged == nil && strangers == 0 else {
            throw ValidationError("--tagged and --strangers go with --policy")
        }
    }

    /// Whether a fleet was named.
    var isGiven: Bool { preset != nil || policy != nil }

    /// Plans it; `warn` is called with what is odd about its policies.
    func plan(anonymize: Bool = false, warn: (String) -> Void) throws -> SwarmPlan {
        if let preset {
            return try preset.plan(nodes.map(preset.sizes(nodes:)), seed: seed)
        }
        guard let policy else { throw CommandError("say --preset or --policy") }
        var texts: [String] = []
        for path in [policy, policy2].compactMap(\.self) {
            let read = try NamedFile.policy(path, advice: "name another, or make it readable")
            for warning in read.policy.warnings { warn("the policy '\(path)': \(warning)") }
            texts.append(read.text)
        }
        if anonymize {
            var anonymizer = PolicyAnonymizer(seed: seed)
            texts = try texts.map { try anonymizer.anonymized($0) }
        }
        var proportions = FleetProportions(nodes: nodes ?? 100)
        proportions.seed = seed
        proportions.tagged = tagged
        proportions.strangers = strangers
        return try FleetBuilder.plan(for: texts[0], policy2: texts.count > 1 ? texts[1] : nil, proportions)
    }
}
