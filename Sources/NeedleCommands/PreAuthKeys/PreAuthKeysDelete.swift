// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `preauthkeys delete`.
struct PreAuthKeysDelete: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a key; machines that joined with it stay.",
        aliases: ["del", "rm", "d"]
    )

    @OptionGroup var selection: PreAuthKeySelection

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = selection.identifier
        try context.confirm("Delete the auth key \(id)?", global)
        let answer: NoFields = try await context.withClient(global) { client in
            try await client.delete(RequestPath("preauthkey", query: [("id", id)]))
        }
        try context.show(answer, as: global.output) { "auth key \(id) deleted; machines that joined with it stay" }
    }
}
