// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a policy can know about a user.
package struct UserFacts: Hashable, Sendable {
    package let id: UserID
    package let name: String
    /// Absent or empty when the user has none.
    package let email: String?
    package let role: UserRole

    package init(id: UserID, name: String, email: String? = nil, role: UserRole = .member) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
    }

    /// The ways in which a policy may name this user, in lower case: the e-mail address, and `name@`.
    var policyNames: [String] {
        var names: [String] = []
        if let email, !email.isEmpty { names.append(email.lowercased()) }
        if !name.isEmpty {
            let lowercased = name.lowercased()
            names.append(lowercased.contains("@") ? lowercased : lowercased + "@")
        }
        return names.count == 2 && names[0] == names[1] ? [names[0]] : names
    }

    /// The domain of the e-mail address, if there is one.
    package var domain: String? { emailParts?.domain }

    /// What stands before and after the last `@` of the e-mail address.
    var emailParts: (local: String, domain: String)? {
        guard let email, let at = email.lastIndex(of: "@") else { return nil }
        return (String(email[..<at]), String(email[email.index(after: at)...]))
    }
}
