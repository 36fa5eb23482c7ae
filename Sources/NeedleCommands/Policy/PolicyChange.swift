// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleAdmin

/// A policy that is to be put in force, after its difference was looked at.
struct PolicyChange {
    let text: String
    let client: AdminClient

    /// Shows what it would change and asks, if there is somebody to ask.
    ///
    /// - Throws: ``CommandError`` when the server refuses it, or the answer is not yes.
    func confirm(_ question: String, _ context: CommandContext, _ global: GlobalOptions) async throws {
        guard !global.force, context.console.isInputTerminal else { return }
        let preview: PolicyPreviewObject = try await client.post(
            RequestPath("policy", "diff"),
            SetPolicyRequest(policy: text)
        )
        // A server that keeps its policy in a file says so when it is set.
        guard preview.canBeSet else { return }
        context.console.writeError(
            PolicyDifferenceText(difference: preview.difference, style: context.style).text
        )
        try context.confirm(question, global)
    }

    /// Puts it in force.
    func set(author: String, comment: String?) async throws -> PolicyObject {
        try await client.put(
            .allFields("policy"),
            SetPolicyRequest(policy: text, author: author, comment: comment)
        )
    }

    /// What to say of a policy that was set.
    static func summary(of policy: PolicyObject) -> String {
        policy.version.map { "version \($0.id) of the policy is in force" } ?? "the policy is in force"
    }
}
