// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension UserRole {
    /// The autogroups that hold users of this role; an owner is an admin too.
    var autogroups: [Autogroup] {
        switch self {
        case .owner: [.owner, .admin]
        case .admin: [.admin]
        case .networkAdmin: [.networkAdmin]
        case .itAdmin: [.itAdmin]
        case .billingAdmin: [.billingAdmin]
        case .auditor: [.auditor]
        case .member: []
        }
    }
}
