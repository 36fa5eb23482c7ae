// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy

extension UserFacts {
    /// What a policy can know of `user`.
    init(_ user: UserRecord) {
        self.init(id: user.id, name: user.name, email: user.email, role: user.role)
    }
}
