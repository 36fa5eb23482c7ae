// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `users destroy`.
struct UsersDestroy: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Delete a user who has no nodes, with the user's keys.",
        aliases: ["delete"]
    )

    @OptionGroup var selection: UserSelection

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let (user, answer) = try await context.withClient(global) { client in
            let user = try await selection.resolve(client)
            try context.confirm("Destroy the user '\(user.name)' (\(user.id)) and the user's auth keys?", global)
            let answer: NoFields = try await client.delete(RequestPath("user", user.id))
            return (user, answer)
        }
        try context.show(answer, as: global.output) { "user '\(user.name)' destroyed" }
    }
}
