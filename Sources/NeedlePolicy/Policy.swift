// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import HuJSON

/// A policy that was read, checked and turned into a graph, but knows no nodes yet.
package struct Policy: Sendable {
    /// The text as it was given.
    package let text: [UInt8]
    let syntax: PolicySyntax
    let compiled: CompiledPolicy

    /// Reads and checks `text`.
    ///
    /// `domain` is that of the owner's e-mail address, which `user:*@` and `localpart:*@` may name; without one, any
    /// domain is taken.
    ///
    /// - Throws: ``PolicyError`` with everything that is wrong; its tests are not run here.
    package init(text: [UInt8], domain: String? = nil, limits: HuJSONLimits = HuJSONLimits()) throws(PolicyError) {
        let document: HuJSONDocument
        do throws(HuJSONError) {
            document = try HuJSONDocument(text, limits: limits)
        } catch {
            throw PolicyError(findings: [PolicyFinding(error.message, position: error.position)])
        }
        var reader = PolicyReader()
        reader.read(document.root)
        var validator = PolicyValidator(syntax: reader.syntax, domain: domain, collector: reader.collector)
        validator.validate()
        guard validator.collector.isEmpty else {
            throw PolicyError(findings: validator.collector.findings(in: text))
        }
        var compiler = PolicyCompiler(reader.syntax)
        self.text = text
        syntax = reader.syntax
        compiled = compiler.compile()
    }

    /// The policy in force when there is none: everybody may reach everything.
    package static let allowAll: Policy = {
        do throws(PolicyError) {
            return try Policy(text: Array("{}".utf8))
        } catch {
            preconditionFailure("an empty policy is valid: \(error)")
        }
    }()
}
