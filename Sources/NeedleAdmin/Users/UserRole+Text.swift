// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleTypes

extension UserRole {
    /// The role that is called `text`.
    ///
    /// - Throws: `invalid` with the names of all roles.
    init(named text: String) throws(ModelError) {
        guard let role = UserRole(rawValue: text.lowercased()) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw ModelError(.invalid, "'\(text.prefix(40))' is not a role; the roles are \(names)")
        }
        self = role
    }
}
