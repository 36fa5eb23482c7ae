// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleTypes

/// What administrators do with users.
package struct UsersService: Sendable {
    let gate: any TailnetGate

    package init(gate: any TailnetGate) {
        self.gate = gate
    }

    /// Which users to list; what is nil does not matter.
    package struct Filter: Sendable {
        package var id: UserID?
        package var name: String?
        package var email: String?

        package init(id: UserID? = nil, name: String? = nil, email: String? = nil) {
            self.id = id
            self.name = name
            self.email = email
        }
    }

    /// Every user that fits, by rising id.
    package func list(_ filter: Filter = Filter()) -> [UserRecord] {
        gate.snapshot.allUsers.filter { user in
            (filter.id.map { $0 == user.id } ?? true) && (filter.name.map { $0 == user.name } ?? true)
                && (filter.email.map { $0 == user.email } ?? true)
        }
    }

    /// Makes a user.
    package func create(_ command: CreateUser) async throws(ModelError) -> UserRecord {
        try await gate.submit(command)
    }

    /// Gives a user another name.
    package func rename(_ user: UserID, to name: String) async throws(ModelError) -> UserRecord {
        try await gate.submit(RenameUser(user: user, newName: name))
    }

    /// Gives a user another role; a new owner takes the place of the former one.
    package func setRole(of user: UserID, to role: UserRole) async throws(ModelError) -> UserRecord {
        try await gate.submit(SetUserRole(user: user, role: role))
    }

    /// Deletes a user who has no nodes.
    package func destroy(_ user: UserID) async throws(ModelError) {
        _ = try await gate.submit(DestroyUser(user: user))
    }
}
