// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// The group of commands about the access policy.
package struct PolicyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Set, show, check, explain, compare and format access policies.",
        subcommands: [
            PolicyGet.self, PolicySet.self, PolicyHistory.self, PolicyRollback.self, PolicyReload.self,
            PolicyCheck.self, PolicyExplain.self, PolicyDiff.self, PolicyFormat.self, PolicyEvaluate.self,
        ]
    )

    package init() {}
}
