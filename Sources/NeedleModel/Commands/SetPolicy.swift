// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedlePolicy
internal import NeedleTypes

/// Puts another policy in force, unless its own tests fail with the nodes that there are.
///
/// Reading a policy takes long and needs no tailnet, so whoever asks has read it before:
/// `Policy(text:domain: tailnet.policyDomain)`.
package struct SetPolicy: Command {
    /// Where a policy comes from.
    package enum Origin: Sendable {
        /// A file that somebody else keeps; no version is stored.
        case file
        /// It becomes the newest version in the store.
        case version(author: String, comment: String)
    }

    let policy: Policy
    let origin: Origin

    package init(_ policy: Policy, origin: Origin) {
        self.policy = policy
        self.origin = origin
    }

    /// The reply is the new version; nil for a policy from a file.
    package func apply(to transaction: inout Transaction) throws(ModelError) -> PolicyVersion? {
        let graph = transaction.graph(under: policy)
        let findings = PolicyChecks(graph).run()
        guard findings.isEmpty else {
            throw ModelError(.invalid, findings.map(\.description).joined(separator: "\n"))
        }
        var version: PolicyVersion?
        if case .version(let author, let comment) = origin {
            version = try transaction.storePolicy(policy.text, author: author, comment: comment)
        }
        transaction.adopt(graph)
        return version
    }
}
