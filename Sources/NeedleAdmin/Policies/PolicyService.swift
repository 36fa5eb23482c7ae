// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import Logging
package import NeedleModel
package import NeedlePolicy
package import NeedleTypes

/// What administrators do with the policy.
package struct PolicyService: Sendable {
    let gate: any TailnetGate
    let keeping: PolicyKeeping
    private let installer: PolicyInstaller

    package init(gate: any TailnetGate, keeping: PolicyKeeping, logger: Logger) {
        self.gate = gate
        self.keeping = keeping
        installer = PolicyInstaller(gate: gate, logger: logger)
    }

    /// A policy's text, and when it was set; nil for a file, which does not say.
    package struct Current: Sendable {
        package let text: [UInt8]
        package let updatedAt: Timestamp?
        package let version: PolicyVersion?
    }

    /// The policy in force; nil if there is none.
    package func current() -> Current? {
        let tailnet = gate.snapshot
        let text = tailnet.policy.policy.text
        switch keeping {
        case .database:
            guard let version = tailnet.policyVersions.last else { return nil }
            return Current(text: text, updatedAt: version.createdAt, version: version)
        case .file: return Current(text: text, updatedAt: nil, version: nil)
        case .nowhere: return nil
        }
    }

    /// Puts `text` in force as the newest version.
    ///
    /// - Throws: `refused` when the policy is not kept in the database, `invalid` with a line for each thing that is
    ///   wrong.
    package func set(_ text: [UInt8], author: String, comment: String) async throws(ModelError) -> Current {
        guard case .database = keeping else { throw Self.notInDatabase("set the policy") }
        let version = try await installer.install(
            text,
            origin: .version(author: author, comment: comment),
            source: author.isEmpty ? "an administrator" : author
        )
        return Current(text: text, updatedAt: version?.createdAt, version: version)
    }

    /// Reads and checks `text` and runs its tests on the nodes that there are, without putting it in force.
    ///
    /// - Throws: `invalid` with a line for each thing that is wrong.
    package func check(_ text: [UInt8]) throws(ModelError) {
        _ = try graph(under: text, in: gate.snapshot)
    }

    /// What `text` would change for the nodes that there are, if it were in force.
    ///
    /// - Throws: `invalid` with a line for each thing that is wrong.
    package func difference(to text: [UInt8]) throws(ModelError) -> PolicyDifference {
        let tailnet = gate.snapshot
        let graph = try graph(under: text, in: tailnet)
        return tailnet.policy.difference(to: graph) { Self.name(of: $0, in: tailnet) }
    }

    /// Whether one end may reach another, and which rules say so.
    ///
    /// - Throws: `notFound` when an end is neither a node nor an address.
    package func explain(_ request: ExplainPolicyRequest) throws(ModelError) -> PolicyExplanation {
        let tailnet = gate.snapshot
        return tailnet.policy.explain(try request.question(in: tailnet)) { Self.name(of: $0, in: tailnet) }
    }

    private static func name(of slot: NodeSlot, in tailnet: Tailnet) -> String {
        tailnet.nodes[slot]?.record.givenName ?? "node \(slot)"
    }

    /// Whether ``set(_:author:comment:)`` is possible at all.
    package var canBeSet: Bool {
        if case .database = keeping { true } else { false }
    }

    private func graph(under text: [UInt8], in tailnet: Tailnet) throws(ModelError) -> PolicyGraph {
        let policy = try PolicyText.parse(text, in: tailnet)
        let graph = PolicyGraph(policy: policy, tailnet: tailnet.policy.tailnet, replacing: tailnet.policy)
        let findings = PolicyChecks(graph).run()
        guard findings.isEmpty else {
            throw ModelError(.invalid, findings.map(\.description).joined(separator: "\n"))
        }
        return graph
    }

    // MARK: - Versions

    /// The kept versions, the newest first.
    package func history() -> [PolicyVersion] {
        gate.snapshot.policyVersions.reversed()
    }

    /// One version and its text.
    ///
    /// - Throws: ``ModelError`` `notFound` for one that is not kept, or what the store throws.
    package func version(_ id: PolicyVersionID) async throws -> Current {
        guard case .database(let text) = keeping else { throw Self.notInDatabase("show versions of the policy") }
        guard let version = gate.snapshot.policyVersions.first(where: { $0.id == id }), let text = try await text(id)
        else {
            throw ModelError(
                .notFound,
                "there is no version \(id) of the policy; 'needletail policy history' shows all that are kept"
            )
        }
        return Current(text: text, updatedAt: version.createdAt, version: version)
    }

    /// Puts the text of an older version in force again, as a new one.
    package func rollBack(to id: PolicyVersionID, author: String, comment: String) async throws -> Current {
        let old = try await version(id)
        let note = comment.isEmpty ? "rollback to \(id)" : comment
        return try await set(old.text, author: author, comment: note)
    }

    /// Reads the policy file again.
    ///
    /// - Throws: ``ModelError`` `invalid` with a line for each thing that is wrong, `refused` when there is no file.
    package func reload() async throws {
        switch keeping {
        case .file(_, let reload): try await reload()
        case .database:
            throw ModelError(
                .refused,
                "the policy is kept in the database, where the newest version is always in force; there is no file to read again"
            )
        case .nowhere:
            throw ModelError(.refused, "no policy file is configured; set policy.path, and start the server again")
        }
    }

    /// - Source: headscale's words for this case, which other programs look for.
    private static func notInDatabase(_ doing: String) -> ModelError {
        ModelError(
            .refused,
            "update is disabled for modes other than 'database': cannot \(doing), since policy.mode is file; edit the file, or set policy.mode to database"
        )
    }
}
