// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleSwarm

/// What the fleet does.
struct LoadOptions: ParsableArguments {
    @Option(
        name: .customLong("scenario"),
        help: ArgumentHelp(
            "What happens after all have joined, which they always do; several with commas: \(ScenarioList.known).",
            valueName: "names"
        ),
        transform: ScenarioList.init(text:)
    )
    var scenarios = ScenarioList()

    @Option(help: ArgumentHelp("Clients that begin in a second (default: all at once).", valueName: "number"))
    var rate: Double?

    @Option(help: ArgumentHelp("Clients that are registering at a time.", valueName: "number"))
    var concurrency = 256

    @Option(help: ArgumentHelp("Threads of the tool.", valueName: "number"))
    var threads = 2

    @Option(
        name: .customLong("idle-seconds"),
        help: ArgumentHelp("How long to watch the idle server at the end; 0 leaves it out.", valueName: "seconds")
    )
    var idleSeconds = 60

    @Option(
        name: .customLong("churn-seconds"),
        help: ArgumentHelp("How long nodes change in 'churn'.", valueName: "seconds")
    )
    var churnSeconds = 20

    @Option(
        name: .customLong("churn-percent"),
        help: ArgumentHelp("How many nodes of a hundred change in a second.", valueName: "number")
    )
    var churnPercent = 1.0

    @Option(help: ArgumentHelp("Clients that are held back for 'newcomer'.", valueName: "number"))
    var newcomers = 10

    @Option(
        name: .customLong("soak-seconds"),
        help: ArgumentHelp("How long 'soak' goes on.", valueName: "seconds")
    )
    var soakSeconds = 3600

    @Option(
        name: .customLong("time-limit"),
        help: ArgumentHelp("How long to wait for all to be complete, in each part of the run.", valueName: "seconds")
    )
    var timeLimit = 300

    func validate() throws {
        guard (0.001...1_000_000).contains(rate ?? 1) else { throw ValidationError("--rate takes 0.001 to 1000000") }
        guard (1...19_000).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 19000") }
        guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 to 64") }
        guard (0...86_400).contains(idleSeconds) else { throw ValidationError("--idle-seconds takes 0 to 86400") }
        guard (1...86_400).contains(churnSeconds) else { throw ValidationError("--churn-seconds takes 1 to 86400") }
        guard (0.001...100).contains(churnPercent) else { throw ValidationError("--churn-percent takes 0.001 to 100") }
        guard (1...1000).contains(newcomers) else { throw ValidationError("--newcomers takes 1 to 1000") }
        guard (1...2_592_000).contains(soakSeconds) else { throw ValidationError("--soak-seconds takes 1 to 2592000") }
        guard (1...86_400).contains(timeLimit) else { throw ValidationError("--time-limit takes 1 to 86400") }
    }

    /// Says all that to a run.
    func apply(to configuration: inout SwarmConfiguration) {
        configuration.scenarios = scenarios.scenarios
        configuration.rate = rate
        configuration.connectingMax = concurrency
        configuration.threads = threads
        configuration.idleTime = .seconds(idleSeconds)
        configuration.churnTime = .seconds(churnSeconds)
        configuration.churnShare = churnPercent / 100
        configuration.newcomers = newcomers
        configuration.soakTime = .seconds(soakSeconds)
        configuration.timeLimit = .seconds(timeLimit)
    }
}
