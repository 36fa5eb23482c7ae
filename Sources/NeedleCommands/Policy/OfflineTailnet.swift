// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedlePolicy
internal import NeedleTypes

/// A policy and a tailnet in files, for questions that need no server.
struct OfflineTailnet: ParsableArguments {
    @Option(
        help: ArgumentHelp("The policy, instead of a server's; - is standard input.", valueName: "file"),
        completion: .file()
    )
    var policy: PolicySource?

    @Option(
        help: ArgumentHelp("Users and nodes, as JSON, instead of a server's.", valueName: "file"),
        completion: .file()
    )
    var tailnet: PolicySource?

    func validate() throws {
        guard (policy == nil) == (tailnet == nil) else {
            throw ValidationError("--policy and --tailnet go together: give both, or neither to ask the server.")
        }
        guard policy?.isStandardInput != true || tailnet?.isStandardInput != true else {
            throw ValidationError("The policy and the tailnet cannot both come from standard input.")
        }
    }

    /// Whether one of the files is standard input.
    var usesStandardInput: Bool { policy?.isStandardInput == true || tailnet?.isStandardInput == true }

    /// What the files hold; nothing if none were named.
    ///
    /// - Throws: ``CommandError`` when one cannot be read, or the policy is refused.
    func load(_ context: CommandContext) throws(CommandError) -> Loaded? {
        guard let policy, let tailnet else { return nil }
        let file = try tailnet.readTailnet(context)
        return Loaded(graph: try file.graph(of: policy, context), file: file)
    }

    /// What ``load(_:)`` read.
    struct Loaded {
        let graph: PolicyGraph
        let file: TailnetFile

        /// What the node at `slot` is called.
        func name(of slot: NodeSlot) -> String {
            slot.index < file.names.count ? file.names[slot.index] : "node \(slot.index)"
        }

        /// The node or address that `text` names.
        ///
        /// - Throws: ``CommandError`` when there is none.
        func end(_ text: String) throws(CommandError) -> PolicyQuestion.End {
            let end = graph.end(text) { name in file.names.firstIndex(of: name).map { NodeSlot($0) } }
            guard let end else { throw CommandError("'\(text)' is neither a node of the tailnet nor an address") }
            return end
        }
    }
}

extension TailnetFile {
    /// The policy in `source` with these nodes.
    ///
    /// - Throws: ``CommandError`` when it cannot be read or is refused.
    func graph(of source: PolicySource, _ context: CommandContext) throws(CommandError) -> PolicyGraph {
        let text = try source.read(context)
        do throws(PolicyError) {
            return PolicyGraph(policy: try Policy(text: text, domain: tailnet.domain), tailnet: tailnet, nodes: nodes)
        } catch {
            throw CommandError("the policy \(source.name) is refused:\n\(error)")
        }
    }
}
