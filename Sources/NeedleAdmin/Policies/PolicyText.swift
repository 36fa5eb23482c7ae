// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HuJSON
internal import NeedleModel
package import NeedlePolicy

/// A policy on its way in: how large it may be, and how what is wrong with it is told.
package enum PolicyText {
    /// The longest text that is read.
    package static let bytesMax = HuJSONLimits().bytesMax

    /// What is wrong as compilers write it, so that editors find the places: `name:line:column: message (hint)`.
    package static func line(_ finding: PolicyFinding, in name: String) -> String {
        let place = [name] + (finding.position.map { ["\($0.line)", "\($0.column)"] } ?? [])
        return place.joined(separator: ":") + ": " + finding.message + (finding.hint.map { " (\($0))" } ?? "")
    }

    /// Reads `text` as a policy of `tailnet`.
    ///
    /// - Throws: `invalid` with a line for each thing that is wrong.
    static func parse(_ text: [UInt8], in tailnet: Tailnet) throws(ModelError) -> Policy {
        do throws(PolicyError) {
            return try Policy(text: text, domain: tailnet.policyDomain)
        } catch {
            throw ModelError(.invalid, error.description)
        }
    }
}
