// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin
internal import NeedlePolicy

/// `policy explain`.
struct PolicyExplain: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say whether one node may reach another, and which rules say so or why none does.",
        discussion: """
            Both ends are names of nodes or addresses; --to may be an address behind a subnet router or exit node. The \
            exit status is 0 whatever the answer is.
            """
    )

    @Option(help: ArgumentHelp("Who begins: a node or an address.", valueName: "node"))
    var from: String

    @Option(help: ArgumentHelp("Who is to be reached: a node or an address.", valueName: "node"))
    var to: String

    @Option(help: "The port; any, if left out.")
    var port: UInt16?

    @Option(
        name: .customLong("proto"),
        help: ArgumentHelp("The protocol: tcp, udp, icmp or another, or its number.", valueName: "protocol"),
        transform: { text in
            guard let number = PolicyQuestion.protocolNumber(text) else {
                throw ValidationError("'\(text)' is not a protocol; tcp, udp and icmp are, and numbers from 0 to 255.")
            }
            return number
        }
    )
    var protocolNumber: Int?

    @Option(help: "Also say whether one may log in as this user by Tailscale SSH.")
    var user: String?

    @OptionGroup var offline: OfflineTailnet

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let explanation = try await explanation(context)
        try context.show(explanation, as: global.output) {
            PolicyExplanationText(explanation: explanation, style: context.style).text
        }
    }

    private func explanation(_ context: CommandContext) async throws -> PolicyExplanation {
        if let loaded = try offline.load(context) {
            let question = PolicyQuestion(
                from: try loaded.end(from),
                to: try loaded.end(to),
                port: port,
                protocolNumber: protocolNumber,
                user: user
            )
            return loaded.graph.explain(question, names: loaded.name)
        }
        let request = ExplainPolicyRequest(from: from, to: to, port: port, protocolNumber: protocolNumber, user: user)
        return try await context.withClient(global) { try await $0.post(RequestPath("policy", "explain"), request) }
    }
}
