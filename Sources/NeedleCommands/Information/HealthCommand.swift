// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser
internal import NeedleAdmin

/// `health`.
package struct HealthCommand: ContextualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask the server whether it is well; the exit status is 0 if so and 1 if not."
    )

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in context: CommandContext) async throws {
        let health: HealthObject = try await context.withClient(global) { try await $0.get(RequestPath("health")) }
        try context.show(health, as: global.output) { "the server is well, and its database answers" }
    }
}
