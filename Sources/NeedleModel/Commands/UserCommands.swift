// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
package import NeedleTypes

/// Makes a user.
package struct CreateUser: Command {
    let name: String
    let displayName: String
    let email: String
    let profilePicURL: String
    let role: UserRole?

    /// Without a role the first user is the owner, and all others are members.
    package init(
        name: String,
        displayName: String = "",
        email: String = "",
        profilePicURL: String = "",
        role: UserRole? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.email = email
        self.profilePicURL = profilePicURL
        self.role = role
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> UserRecord {
        try UserName.check(name)
        for text in [displayName, email, profilePicURL] { try UserName.checkFreeText(text) }
        guard transaction.tailnet.user(named: name) == nil else {
            throw ModelError(.conflict, "there is a user '\(name)' already; 'needletail users list' shows all users")
        }
        let isFirst = transaction.tailnet.users.isEmpty
        if role == .owner, var former = transaction.tailnet.owner {
            former.role = .admin
            transaction.replace(former)
        }
        let id = UserID(transaction.tailnet.lastUserID.value + 1)
        let user = UserRecord(
            id: id,
            name: name,
            displayName: displayName,
            email: email,
            profilePicURL: profilePicURL,
            role: role ?? (isFirst ? .owner : .member),
            createdAt: transaction.now
        )
        transaction.tailnet.lastUserID = id
        transaction.tailnet.users[id] = user
        transaction.tailnet.userNames[name] = id
        transaction.markChanged(id, isNew: true)
        return user
    }
}

/// Gives a user another name.
package struct RenameUser: Command {
    let user: UserID
    let newName: String

    package init(user: UserID, newName: String) {
        self.user = user
        self.newName = newName
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> UserRecord {
        guard var record = transaction.tailnet.user(user) else { throw .noUser(user) }
        if record.name == newName { return record }
        try UserName.check(newName)
        guard transaction.tailnet.user(named: newName) == nil else {
            throw ModelError(.conflict, "there is a user '\(newName)' already")
        }
        transaction.tailnet.userNames[record.name] = nil
        transaction.tailnet.userNames[newName] = user
        record.name = newName
        transaction.tailnet.users[user] = record
        transaction.markChanged(user)
        // Peers learn the new name from the profile that travels with each of the user's nodes.
        for node in transaction.tailnet.nodes.all where node.record.user == user {
            transaction.replaceNode(node, with: node.record, changes: .whole, .none)
        }
        transaction.userChanged(user)
        return record
    }
}

/// Deletes a user who has no nodes; the user's pre-auth keys go too.
package struct DestroyUser: Command {
    let user: UserID

    package init(user: UserID) {
        self.user = user
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> UserRecord {
        guard let record = transaction.tailnet.user(user) else { throw .noUser(user) }
        let nodes = transaction.tailnet.nodes.all.lazy.filter { $0.record.user == user }
        if let node = nodes.first(where: { _ in true }) {
            throw ModelError(
                .refused,
                "user '\(record.name)' still has nodes, for example '\(node.record.givenName)'; delete them first with 'needletail nodes delete'"
            )
        }
        for key in transaction.tailnet.allPreAuthKeys where key.user == user {
            transaction.tailnet.preAuthKeys[key.id] = nil
            transaction.tailnet.preAuthKeyPrefixes[key.prefix] = nil
            transaction.markChanged(key.id)
        }
        transaction.tailnet.users[user] = nil
        transaction.tailnet.userNames[record.name] = nil
        transaction.markChanged(user)
        return record
    }
}
