// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
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
        guard let loaded = try offline.load(context) else {
            throw CommandError("say what to compare with: --policy FILE and --tailnet FILE")
        }
        let graph = try loaded.file.graph(of: new, context)
        let difference = loaded.graph.difference(to: graph, names: loaded.name)
        try context.show(difference, as: global.output) {
            PolicyDifferenceText(difference: difference, style: context.style).text
        }
    }
}
