// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `users create`.
struct UsersCreate: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a user.",
        aliases: ["c", "new"]
    )

    @Argument(help: "What the user is called; it begins with a letter.")
    var name: String

    @Option(name: .shortAndLong, help: "The name for people.")
    var displayName: String?

    @Option(name: .shortAndLong, help: "The e-mail address.")
    var email: String?

    @Option(name: .shortAndLong, help: "Where a picture of the user is.")
    var pictureUrl: String?

    @Option(help: RoleText.help("What the user may do; the first user is the owner, others are members"))
    var role: String?

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let request = CreateUserRequest(
            name: name,
            displayName: displayName,
            email: email,
            pictureURL: pictureUrl,
            role: role
        )
        let answer: UserObject.Envelope = try await context.withClient(global) { client in
            try await client.post(.allFields("user"), request)
        }
        try context.show(answer.user, as: global.output) { "user '\(answer.user.name)' created, id \(answer.user.id)" }
        context.suggest(
            """
            next: make a key with which the user's machines join:
              \(global.commandLine(context)) preauthkeys create --user \(ShellText.quoted(answer.user.name))
            """,
            as: global.output
        )
    }
}
