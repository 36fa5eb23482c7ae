// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a 32-byte key is for, and how its text form begins.
///
/// A type per role keeps a machine key from being passed where a node key belongs.
///
/// - Source: `types/key/*.go` of the public client: each text form is a prefix and 64 lower-case hex digits.
package protocol KeyRole: Sendable {
    /// The text before the hex digits, colon included.
    static var prefix: String { get }
}

/// Identifies a client machine; the static key of its Noise handshake.
package enum MachineRole: KeyRole {
    package static let prefix = "mkey:"
}

/// Identifies a node to its peers; its WireGuard key.
package enum NodeRole: KeyRole {
    package static let prefix = "nodekey:"
}

/// Encrypts a client's path discovery; new in every process.
package enum DiscoRole: KeyRole {
    package static let prefix = "discokey:"
}

/// Signs for a node under tailnet lock (an Ed25519 key).
package enum NetworkLockRole: KeyRole {
    package static let prefix = "nlpub:"
}

/// Carried in the early payload that precedes HTTP/2.
package enum ChallengeRole: KeyRole {
    package static let prefix = "chalpub:"
}

/// A client machine's public key, or the control server's own.
package typealias MachineKey = PublicKey<MachineRole>
/// A node's public key.
package typealias NodeKey = PublicKey<NodeRole>
/// A client process's public discovery key.
package typealias DiscoKey = PublicKey<DiscoRole>
/// A node's public tailnet-lock key.
package typealias NetworkLockKey = PublicKey<NetworkLockRole>
/// The server's challenge in the early payload.
package typealias ChallengeKey = PublicKey<ChallengeRole>
