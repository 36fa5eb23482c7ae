// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A key with which machines join without anybody logging in; kept without its secret.
package struct PreAuthKeyRecord: Hashable, Sendable {
    /// The first key is 1.
    package let id: PreAuthKeyID
    /// The 12 hex digits that find the key; not secret.
    package let prefix: String
    /// See ``PreAuthKeySecret/hash(prefix:secret:)``.
    package let hash: [UInt8]
    /// Who will own the nodes; nobody when they are tagged.
    package let user: UserID?
    /// May be used more than once.
    package let isReusable: Bool
    /// Nodes that join with it go when they are away for a while.
    package let isEphemeral: Bool
    /// The tags that nodes get; sorted.
    package let tags: [String]
    /// Whether a node has joined with it.
    package var isUsed: Bool
    /// From when on it is refused; nil means never.
    package var expiration: Timestamp?
    /// When the key was made.
    package let createdAt: Timestamp

    /// All fields as given.
    package init(
        id: PreAuthKeyID,
        prefix: String,
        hash: [UInt8],
        user: UserID?,
        isReusable: Bool,
        isEphemeral: Bool,
        tags: [String],
        isUsed: Bool = false,
        expiration: Timestamp?,
        createdAt: Timestamp
    ) {
        self.id = id
        self.prefix = prefix
        self.hash = hash
        self.user = user
        self.isReusable = isReusable
        self.isEphemeral = isEphemeral
        self.tags = tags
        self.isUsed = isUsed
        self.expiration = expiration
        self.createdAt = createdAt
    }

    /// The key without its secret, as lists show it.
    package var masked: String { "\(PreAuthKeySecret.marker)\(prefix)-***" }

    /// Why a node may not join with this key at `now`, or nil if it may.
    package func refusal(at now: Timestamp) -> ModelError? {
        if let expiration, expiration <= now {
            return ModelError(
                .refused,
                "this auth key has expired; create a new one with 'needletail preauthkeys create'"
            )
        }
        if isUsed, !isReusable {
            return ModelError(
                .refused,
                "this auth key was made for one use and has been used; create a new one, or one with --reusable"
            )
        }
        return nil
    }
}
