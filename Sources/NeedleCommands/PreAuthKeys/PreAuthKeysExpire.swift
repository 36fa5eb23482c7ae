// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `preauthkeys expire`.
struct PreAuthKeysExpire: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire",
        abstract: "Make a key useless from now on; machines that joined with it stay.",
        aliases: ["revoke", "exp", "e"]
    )

    @OptionGroup var selection: PreAuthKeySelection

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = selection.identifier
        try context.confirm("Expire the auth key \(id)?", global)
        let answer: NoFields = try await context.withClient(global) { client in
            try await client.post(RequestPath("preauthkey", "expire"), ExpirePreAuthKeyRequest(id: id))
        }
        try context.show(answer, as: global.output) { "auth key \(id) expired; machines that joined with it stay" }
    }
}
