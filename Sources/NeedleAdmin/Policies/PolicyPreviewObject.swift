// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedlePolicy

/// The answer to `POST /api/v1/policy/diff`: what a policy that is good would change.
package struct PolicyPreviewObject: Codable, Sendable {
    /// What the nodes that there are would gain and lose.
    package let difference: PolicyDifference
    /// Whether this server's policy can be set through this interface.
    package let canBeSet: Bool
}
