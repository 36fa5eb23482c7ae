// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin
internal import NeedlePolicy

/// `policy set`.
struct PolicySet: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Put a policy in force, as a new version in the server's database.",
        discussion: """
            Shows what it would change and asks, if standard input is a terminal and --force is absent. A policy with \
            anything wrong in it, or whose tests fail, is refused; the old one stays.
            """,
        aliases: ["put", "update"]
    )

    @Argument(help: ArgumentHelp("The policy; - is standard input.", valueName: "file"), completion: .file())
    var policy: PolicySource?

    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: ArgumentHelp("The policy, in place of the argument.", valueName: "file"),
        completion: .file()
    )
    var file: PolicySource?

    @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
    var comment: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (policy == nil) != (file == nil) else {
            throw ValidationError("Say which policy, once: policy set FILE.")
        }
    }

    func run(in context: CommandContext) async throws {
        guard let source = policy ?? file else { return }
        let text = try source.read(context)
        try check(text, source, context)
        let set: PolicyObject = try await context.withClient(global) { client in
            let change = PolicyChange(text: String(decoding: text, as: UTF8.self), client: client)
            try await change.confirm("Put \(source.name) in force?", context, global)
            return try await change.set(author: context.userName, comment: comment)
        }
        try context.show(set, as: global.output) { PolicyChange.summary(of: set) }
    }

    /// Finds what is wrong here, where the file's name is known.
    private func check(_ text: [UInt8], _ source: PolicySource, _ context: CommandContext) throws {
        guard String(validating: text, as: UTF8.self) != nil else {
            throw CommandError("\(source.name) is not UTF-8 text")
        }
        do throws(PolicyError) {
            _ = try Policy(text: text)
        } catch {
            let lines = error.findings.map { PolicyText.line($0, in: source.name) }
            throw CommandError("the policy is refused; nothing was changed:\n" + lines.joined(separator: "\n"))
        }
    }
}
