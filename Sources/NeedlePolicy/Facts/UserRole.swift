// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a user may do in the tailnet; decides membership of the autogroups with the same names.
package enum UserRole: String, Hashable, Sendable, CaseIterable {
    case owner
    case admin
    case networkAdmin = "network-admin"
    case itAdmin = "it-admin"
    case billingAdmin = "billing-admin"
    case auditor
    case member

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
