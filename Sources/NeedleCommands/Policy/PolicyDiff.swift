// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin
internal import NeedlePolicy

/// `policy diff`.
struct PolicyDiff: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say which kinds of nodes would gain or lose what by another policy.",
        discussion: "Compares what the policies mean for the nodes that there are, not their texts."
    )

    @Argument(help: ArgumentHelp("The new policy; - is standard input.", valueName: "new"), completion: .file())
    var new: PolicySource

    @OptionGroup var offline: OfflineTailnet

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !new.isStandardInput || !offline.usesStandardInput else {
            throw ValidationError("Only one of the files can be standard input.")
        }
    }

    func run(in context: CommandContext) async throws {
        let difference = try await difference(context)
        try context.show(difference, as: global.output) {
            PolicyDifferenceText(difference: difference, style: context.style).text
        }
    }

    private func difference(_ context: CommandContext) async throws -> PolicyDifference {
        if let loaded = try offline.load(context) {
            let graph = try loaded.file.graph(of: new, context)
            return loaded.graph.difference(to: graph, names: loaded.name)
        }
        let text = String(decoding: try new.read(context), as: UTF8.self)
        return try await context.withClient(global) { client in
            let preview: PolicyPreviewObject = try await client.post(
                RequestPath("policy", "diff"),
                SetPolicyRequest(policy: text)
            )
            return preview.difference
        }
    }
}
