// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

/// `policy evaluate`.
struct PolicyEvaluate: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Say what a policy gives every node of a tailnet, without a server.",
        discussion: """
            With --output: each node's packet filter, its own entry, its peers, and who may log in by SSH. The exit \
            status is 1 if the policy is refused, and then the answer is {"error": "..."}.
            """
    )

    @Option(help: ArgumentHelp("The policy; - is standard input.", valueName: "file"), completion: .file())
    var policy: PolicySource

    @Option(help: ArgumentHelp("The users and nodes, as JSON.", valueName: "file"), completion: .file())
    var tailnet: PolicySource

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let file = try tailnet.readTailnet(context)
        let text = try policy.read(context)
        let evaluation: PolicyEvaluation
        do throws(PolicyError) {
            evaluation = try PolicyEvaluation(policy: text, tailnet: file)
        } catch {
            guard global.output != nil else { throw CommandError("the policy is refused:\n\(error)") }
            context.writeJSON(PolicyEvaluation.json(error))
            throw ExitCode.failure
        }
        guard global.output == nil else { return context.writeJSON(evaluation.json(names: file.names)) }
        context.console.write(table(evaluation, file).text(context.style))
    }

    private func table(_ evaluation: PolicyEvaluation, _ file: TailnetFile) -> TextTable {
        var table = TextTable("NODE", "OWNER", "PEERS", "FILTER RULES", "SSH RULES", "ROUTES")
        for (index, name) in file.names.enumerated() {
            let slot = NodeSlot(index)
            let view = evaluation.view(of: slot)
            let facts = file.nodes[index]
            table.add(
                .init(name),
                .init(facts.isTagged ? facts.tags.joined(separator: ",") : facts.user?.name ?? "-"),
                .init("\(view.peers.count)"),
                .init("\(view.packetFilter.count)"),
                .init("\(view.sshPolicy?.rules.count ?? 0)"),
                .init(view.own.primaryRoutes.map(\.description).joined(separator: " "))
            )
        }
        return table
    }
}

extension CommandContext {
    /// Writes an answer that is JSON already.
    func writeJSON(_ bytes: [UInt8]) {
        console.write(String(decoding: bytes, as: UTF8.self) + "\n")
    }
}
