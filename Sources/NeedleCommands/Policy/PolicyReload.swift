// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `policy reload`.
struct PolicyReload: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make the server read its policy file again; it also does so by itself when the file changes."
    )

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let answer: NoFields = try await context.withClient(global) { client in
            try await client.post(RequestPath("policy", "reload"))
        }
        try context.show(answer, as: global.output) { "the policy file was read again and is in force" }
    }
}
