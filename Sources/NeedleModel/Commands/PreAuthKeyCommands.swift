// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
package import NeedleTypes

/// Makes a pre-auth key; the reply is the only time that its secret is seen.
package struct CreatePreAuthKey: Command {
    /// The record, and the text for a client.
    package struct Created: Sendable {
        package let record: PreAuthKeyRecord
        package let secret: PreAuthKeySecret
    }

    let user: UserID?
    let isReusable: Bool
    let isEphemeral: Bool
    let tags: [String]
    let expiration: Timestamp?

    package init(user: UserID?, isReusable: Bool, isEphemeral: Bool, tags: [String], expiration: Timestamp?) {
        self.user = user
        self.isReusable = isReusable
        self.isEphemeral = isEphemeral
        self.tags = tags
        self.expiration = expiration
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> Created {
        if let user, transaction.tailnet.user(user) == nil { throw .noUser(user) }
        if user == nil, tags.isEmpty {
            throw ModelError(.invalid, "a key is for a user or for tags: add --user USER or --tags tag:NAME")
        }
        let tags = try NodeTags.checked(tags)
        let secret = PreAuthKeySecret.generate(using: &transaction.random)
        let id = PreAuthKeyID(transaction.tailnet.lastPreAuthKeyID.value + 1)
        let record = PreAuthKeyRecord(
            id: id,
            prefix: secret.prefix,
            hash: secret.hash,
            user: user,
            isReusable: isReusable,
            isEphemeral: isEphemeral,
            tags: tags,
            expiration: expiration,
            createdAt: transaction.now
        )
        transaction.tailnet.lastPreAuthKeyID = id
        transaction.put(record)
        return Created(record: record, secret: secret)
    }
}

/// Makes a pre-auth key expire now.
package struct ExpirePreAuthKey: Command {
    let key: PreAuthKeyID

    package init(key: PreAuthKeyID) {
        self.key = key
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> PreAuthKeyRecord {
        guard var record = transaction.tailnet.preAuthKey(key) else { throw .noPreAuthKey(key) }
        if record.expiration.map({ $0 > transaction.now }) ?? true { record.expiration = transaction.now }
        transaction.put(record)
        return record
    }
}

/// Deletes a pre-auth key; nodes that joined with it stay.
package struct DeletePreAuthKey: Command {
    let key: PreAuthKeyID

    package init(key: PreAuthKeyID) {
        self.key = key
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> PreAuthKeyRecord {
        guard let record = transaction.tailnet.preAuthKey(key) else { throw .noPreAuthKey(key) }
        transaction.tailnet.preAuthKeys[key] = nil
        transaction.tailnet.preAuthKeyPrefixes[record.prefix] = nil
        transaction.markChanged(key)
        return record
    }
}

extension Transaction {
    mutating func put(_ key: PreAuthKeyRecord) {
        tailnet.preAuthKeys[key.id] = key
        tailnet.preAuthKeyPrefixes[key.prefix] = key.id
        markChanged(key.id)
    }
}
