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
}
