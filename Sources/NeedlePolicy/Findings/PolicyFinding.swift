// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import HuJSON

/// One thing that is wrong with a policy.
package struct PolicyFinding: Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, in the words of Tailscale's service where these are known.
    package let message: String
    /// Where.
    package let position: HuJSONPosition?
    /// What would be right.
    package let hint: String?

    package init(_ message: String, position: HuJSONPosition? = nil, hint: String? = nil) {
        self.message = message
        self.position = position
        self.hint = hint
    }

    package var description: String {
        (position.map { "\($0): " } ?? "") + message + (hint.map { " (\($0))" } ?? "")
    }
}
