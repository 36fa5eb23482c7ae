// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedlePolicy

/// `policy check`.
struct PolicyCheck: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a policy without a server; the exit status is 0 if it is good and 1 if not.",
        discussion: "Everything that is wrong is listed. Its tests need nodes to be run on, which --tailnet names."
    )

    @Argument(help: ArgumentHelp("The policy; - is standard input.", valueName: "file"), completion: .file())
    var policy: PolicySource

    @Option(
        help: ArgumentHelp("Users and nodes, as JSON, to run the policy's tests on.", valueName: "file"),
        completion: .file()
    )
    var tailnet: PolicySource?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !policy.isStandardInput || tailnet?.isStandardInput != true else {
            throw ValidationError("The policy and the tailnet cannot both come from standard input.")
        }
    }

    func run(in context: CommandContext) async throws {
        let text = try policy.read(context)
        let report = PolicyReport(of: text, tailnet: try tailnet?.readTailnet(context))
        try context.show(report, as: global.output) { report.text(fileName: policy.name, context.style) }
        if !report.isGood { throw ExitCode.failure }
    }
}
