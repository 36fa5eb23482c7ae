// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
package import NeedleTypes

/// Gives a user another role.
///
/// A tailnet has one owner: whoever becomes owner takes the place of the former one, who becomes an admin.
package struct SetUserRole: Command {
    let user: UserID
    let role: UserRole

    package init(user: UserID, role: UserRole) {
        self.user = user
        self.role = role
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> UserRecord {
        guard var record = transaction.tailnet.user(user) else { throw .noUser(user) }
        if record.role == role { return record }
        if record.role == .owner {
            throw ModelError(
                .refused,
                "user '\(record.name)' owns the tailnet; make another user the owner with 'needletail users set-role --role owner', and this one becomes an admin"
            )
        }
        if role == .owner, var former = transaction.tailnet.owner {
            former.role = .admin
            transaction.replace(former)
        }
        record.role = role
        transaction.replace(record)
        return record
    }
}

extension Transaction {
    /// Replaces a user, and tells the policy of it.
    mutating func replace(_ user: UserRecord) {
        tailnet.users[user.id] = user
        markChanged(user.id)
        userChanged(user.id)
    }
}
