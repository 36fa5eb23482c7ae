// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin
internal import NeedleTypes

/// `nodes expire`.
struct NodesExpire: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire",
        abstract: "Make a node's key expire, now or at a given time, or never.",
        aliases: ["logout", "exp", "e"]
    )

    @OptionGroup var selection: NodeSelection

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("When, such as 2027-01-31T12:00:00Z; now if left out.", valueName: "time"),
        transform: { text in
            guard let time = Timestamp(rfc3339: text) else {
                throw ValidationError("'\(text)' is not a time; write for example 2027-01-31T12:00:00Z.")
            }
            return time
        }
    )
    var expiry: Timestamp?

    @Flag(name: .shortAndLong, help: "Let the key never expire.")
    var disable = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !disable || expiry == nil else {
            throw ValidationError("--expiry and --disable exclude each other.")
        }
    }

    func run(in context: CommandContext) async throws {
        let node = try await context.withClient(global) { client in
            let node = try await selection.resolve(client)
            if !disable, expiry == nil {
                try context.confirm(
                    "Expire the key of '\(node.givenName)' (\(node.id)), so that it must join again?",
                    global
                )
            }
            // Without a time the server's clock decides what "now" is.
            let request = ExpireNodeRequest(expiry: expiry, disableExpiry: disable ? true : nil)
            let answer: NodeObject.Envelope = try await client.post(RequestPath("node", node.id, "expire"), request)
            return answer.node
        }
        try context.show(node, as: global.output) { text(of: node, context) }
    }

    private func text(of node: NodeObject, _ context: CommandContext) -> String {
        let name = "the key of '\(node.givenName)' (\(node.id))"
        guard let expiry = node.expiry else { return "\(name) never expires" }
        let now = context.now()
        guard expiry > now, self.expiry != nil else { return "\(name) has expired; it joins again with a new auth key" }
        return "\(name) expires \(TimeText.relative(expiry, to: now))"
    }
}
