// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin
internal import NeedleTypes

/// `preauthkeys list`.
struct PreAuthKeysList: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List keys, without their secrets.",
        aliases: ["ls", "show"]
    )

    @Option(
        name: [.customShort("u", allowingJoined: true), .long],
        help: "Only the keys of this user, by id or name."
    )
    var user: String?

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let keys = try await context.withClient(global) { client in
            let owner = if let user { try await client.user(user).id } else { String?.none }
            let answer: PreAuthKeyObject.ListEnvelope = try await client.get(RequestPath("preauthkey"))
            return answer.preAuthKeys.filter { owner == nil || $0.user?.id == owner }
        }
        try context.show(keys, as: global.output) {
            keys.isEmpty ? "" : table(keys, context).text(context.style)
        }
        if keys.isEmpty {
            context.suggest(
                "there are no keys; make one with: \(global.commandLine(context)) preauthkeys create --user USER",
                as: global.output
            )
        }
    }

    private func table(_ keys: [PreAuthKeyObject], _ context: CommandContext) -> TextTable {
        var table = TextTable("ID", "KEY", "OWNER", "REUSABLE", "EPHEMERAL", "USED", "EXPIRES", "CREATED")
        let now = context.now()
        for key in keys {
            table.add(
                .init(key.id),
                .init(key.key),
                .init(key.aclTags.isEmpty ? key.user?.name ?? "-" : key.aclTags.joined(separator: ",")),
                .init(key.reusable ? "yes" : "no"),
                .init(key.ephemeral ? "yes" : "no"),
                .init(key.used ? "yes" : "no"),
                expiryCell(key.expiry, now),
                .init(TimeText.relative(key.createdAt, to: now))
            )
        }
        return table
    }

    private func expiryCell(_ expiry: Timestamp?, _ now: Timestamp) -> TextTable.Cell {
        guard let expiry else { return "never" }
        return .init(TimeText.relative(expiry, to: now), expiry <= now ? .bad : nil)
    }
}
