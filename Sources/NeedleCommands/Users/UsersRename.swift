// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `users rename`.
struct UsersRename: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give a user another name.",
        aliases: ["mv"]
    )

    @OptionGroup var selection: UserSelection

    @Option(name: [.customShort("r"), .customLong("new-name")], help: "What the user is called from now on.")
    var newName: String

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let (user, answer) = try await context.withClient(global) { client in
            let user = try await selection.resolve(client)
            let answer: UserObject.Envelope = try await client.post(RequestPath("user", user.id, "rename", newName))
            return (user, answer)
        }
        try context.show(answer.user, as: global.output) { "user '\(user.name)' is now '\(answer.user.name)'" }
    }
}
