// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `users list`.
struct UsersList: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List users.",
        aliases: ["ls", "show"]
    )

    @Option(
        name: [.customShort("i", allowingJoined: true), .customLong("identifier")],
        help: ArgumentHelp("Only the user with this id.", valueName: "id")
    )
    var identifier: String?

    @Option(name: .shortAndLong, help: "Only the user with this name.")
    var name: String?

    @Option(name: .shortAndLong, help: "Only users with this e-mail address.")
    var email: String?

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let path = RequestPath.allFields("user", query: [("id", identifier), ("name", name), ("email", email)])
        let answer: UserObject.ListEnvelope = try await context.withClient(global) { try await $0.get(path) }
        try context.show(answer.users, as: global.output) {
            answer.users.isEmpty ? "" : table(answer.users, context).text(context.style)
        }
        if answer.users.isEmpty {
            let isFiltered = [identifier, name, email].contains { $0 != nil }
            context.suggest(
                isFiltered
                    ? "no user fits; 'needletail users list' without options shows all users"
                    : "there are no users yet; make one with: \(global.commandLine(context)) users create NAME",
                as: global.output
            )
        }
    }

    private func table(_ users: [UserObject], _ context: CommandContext) -> TextTable {
        var table = TextTable("ID", "NAME", "ROLE", "DISPLAY NAME", "E-MAIL", "CREATED")
        for user in users {
            table.add(
                .init(user.id),
                .init(user.name),
                .init(user.role ?? "-"),
                .init(user.displayName),
                .init(user.email),
                .init(TimeText.relative(user.createdAt, to: context.now()))
            )
        }
        return table
    }
}
