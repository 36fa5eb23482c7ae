// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Whom a node belongs to.
enum NodeIdentity {
    /// A user.
    case owned(UserID)
    /// Its tags, of which there is at least one; sorted.
    case tagged([String])

    var user: UserID? { if case .owned(let user) = self { user } else { nil } }

    var tags: [String] { if case .tagged(let tags) = self { tags } else { [] } }
}
