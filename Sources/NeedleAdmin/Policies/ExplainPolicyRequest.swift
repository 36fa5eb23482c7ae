// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedlePolicy
internal import NeedleTypes

/// The body of `POST /api/v1/policy/explain`, which asks whether one end may reach another.
package struct ExplainPolicyRequest: Codable, Sendable {
    /// A node by its name in the tailnet, or an address.
    package var from: String?
    package var to: String?
    /// Absent for any.
    package var port: UInt16?
    /// The number of the IP protocol; absent for any.
    package var protocolNumber: Int?
    /// Whom to log in as by Tailscale SSH; absent when that is not the question.
    package var user: String?

    private enum CodingKeys: String, CodingKey {
        case from
        case to
        case port
        case protocolNumber = "protocol"
        case user
    }

    package init(from: String, to: String, port: UInt16?, protocolNumber: Int?, user: String?) {
        self.from = from
        self.to = to
        self.port = port
        self.protocolNumber = protocolNumber
        self.user = user
    }

    /// The question about the nodes of `tailnet`.
    ///
    /// - Throws: `notFound` with the end that is neither a node nor an address.
    func question(in tailnet: Tailnet) throws(ModelError) -> PolicyQuestion {
        PolicyQuestion(
            from: try Self.end(from ?? "", in: tailnet),
            to: try Self.end(to ?? "", in: tailnet),
            port: port,
            protocolNumber: protocolNumber,
            user: user
        )
    }

    private static func end(_ text: String, in tailnet: Tailnet) throws(ModelError) -> PolicyQuestion.End {
        guard let end = tailnet.policy.end(text, slot: { tailnet.node(named: $0)?.slot }) else {
            throw ModelError(
                .notFound,
                "'\(text.prefix(80))' is neither a node nor an address; 'needletail nodes list' shows all nodes"
            )
        }
        return end
    }
}
