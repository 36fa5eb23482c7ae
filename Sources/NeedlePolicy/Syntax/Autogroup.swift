// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The groups that exist without being written down.
package enum Autogroup: String, Hashable, Sendable, CaseIterable {
    case internet = "autogroup:internet"
    case selfDevices = "autogroup:self"
    case member = "autogroup:member"
    case tagged = "autogroup:tagged"
    case nonroot = "autogroup:nonroot"
    case dangerAll = "autogroup:danger-all"
    case owner = "autogroup:owner"
    case admin = "autogroup:admin"
    case itAdmin = "autogroup:it-admin"
    case networkAdmin = "autogroup:network-admin"
    case billingAdmin = "autogroup:billing-admin"
    case auditor = "autogroup:auditor"
    case shared = "autogroup:shared"

    /// Whether it stands for people or their devices, which any source may be.
    var isIdentity: Bool {
        switch self {
        case .internet, .selfDevices, .nonroot, .dangerAll: false
        default: true
        }
    }
}
