// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `users set-role`.
struct UsersSetRole: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-role",
        abstract: "Give a user another role.",
        discussion:
            "A tailnet has one owner: whoever becomes owner takes the place of the former one, who becomes an admin."
    )

    @OptionGroup var selection: UserSelection

    @Option(name: .customLong("role"), help: RoleText.help("What the user may do"))
    var role: String

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let answer: UserObject.Envelope = try await context.withClient(global) { client in
            let user = try await selection.resolve(client)
            return try await client.post(.allFields("user", user.id, "role"), SetUserRoleRequest(role: role))
        }
        try context.show(answer.user, as: global.output) {
            "user '\(answer.user.name)' is now \(answer.user.role.map { RoleText.withArticle($0) } ?? "-")"
        }
    }
}
