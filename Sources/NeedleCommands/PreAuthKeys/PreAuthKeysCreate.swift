// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin
internal import NeedleTypes

/// `preauthkeys create`.
struct PreAuthKeysCreate: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key with which machines join.",
        discussion: """
            The key alone is printed on standard output, this once: KEY=$(needletail preauthkeys create --user alice)
            """,
        aliases: ["c", "new"]
    )

    @Option(
        name: [.customShort("u", allowingJoined: true), .long],
        help: "Who will own the machines, by id or name; not needed with --tags."
    )
    var user: String?

    @Flag(help: "Let the key be used more than once.")
    var reusable = false

    @Flag(help: "Let the machines go when they have been away for a while.")
    var ephemeral = false

    @Option(
        name: .shortAndLong,
        help: "How long the key can be used, such as 90m, 24h or 30d; 0 for ever (default: 1h).",
        transform: Expiration.init(text:)
    )
    var expiration = Expiration.standard

    @Option(help: "What the machines are in place of owned by a user: tag:NAME, several with commas.")
    var tags: [String] = []

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let (key, server) = try await context.withClient(global) { client in
            let owner = if let user { try await client.user(user).id } else { String?.none }
            let request = CreatePreAuthKeyRequest(
                user: owner,
                reusable: reusable,
                ephemeral: ephemeral,
                expiration: expiration.time(from: context.now()),
                aclTags: TagList.split(tags)
            )
            let answer: PreAuthKeyObject.Envelope = try await client.post(RequestPath("preauthkey"), request)
            // Only the suggestion needs it, so a failure here must not lose the key.
            let server: VersionObject? = global.output == nil ? try? await client.get(.version) : nil
            return (answer.preAuthKey, server)
        }
        try context.show(key, as: global.output) { key.key }
        context.suggest(advice(key, server, context), as: global.output)
    }

    private func advice(_ key: PreAuthKeyObject, _ server: VersionObject?, _ context: CommandContext) -> String {
        let use = key.reusable ? "machines can join with it" : "one machine can join with it"
        let limit = key.expiry.map { ", for \(TimeText.relative($0, to: context.now()).dropFirst("in ".count))" } ?? ""
        let url = server.flatMap { $0.serverURL.isEmpty ? nil : $0.serverURL } ?? "URL-OF-THIS-SERVER"
        return """
            next: \(use)\(limit):
              tailscale up --login-server \(ShellText.quoted(url)) --auth-key \(key.key)
            """
    }
}
