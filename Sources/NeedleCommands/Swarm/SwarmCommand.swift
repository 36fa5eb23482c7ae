// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser
internal import NeedleSwarm

/// Simulated clients: `needletail swarm`.
package struct SwarmCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "swarm",
        abstract: "Let simulated clients join a server on this machine, and measure it.",
        subcommands: [
            SwarmPlanCommand.self, SwarmKeysCommand.self, SwarmRunCommand.self, SwarmCompareCommand.self,
            SwarmJoinCommand.self,
        ]
    )

    package init() {}
}

extension SwarmPreset: ExpressibleByArgument {}

extension SwarmScenario: ExpressibleByArgument {}
