// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Policy {
    /// How many rules it has: entries of `acls`, `grants` and `ssh`.
    package var ruleCount: Int {
        (syntax.accessRules?.count ?? 0) + (syntax.grants?.count ?? 0) + syntax.ssh.count
    }
}
