// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What is kept of a node.
///
/// The fields below ``Soft`` change with every roaming laptop and are written lazily; all others are durable before
/// anything that depends on them is answered.
package struct NodeRecord: Sendable {
    /// How a node came in.
    package enum RegisterMethod: String, Sendable, Hashable {
        case authKey = "authkey"
        case commandLine = "cli"
        case oidc
    }

    /// What a client reports about itself, and what is only known while it talks.
    package struct Soft: Sendable {
        /// The client's own description.
        package var hostinfo = Hostinfo()
        /// The key for path discovery; zero until the first map request.
        package var discoKey = DiscoKey.zero
        /// Where peers may reach it by UDP.
        package var endpoints: [Endpoint] = []
        /// Its home relay region; 0 until known.
        package var homeDERP = 0
        /// When it was last connected; kept while it is, so that a crash loses little.
        package var lastSeen: Timestamp?
        /// What the client understands.
        package var capability = CapabilityVersion(0)

        /// Nothing known yet.
        package init() {}
    }

    /// The node, for ever.
    package let id: NodeID
    /// The machine it runs on; proven by the Noise handshake.
    package let machineKey: MachineKey
    /// Its WireGuard key; changes when it is rotated.
    package var nodeKey: NodeKey
    /// Its key under tailnet lock.
    package var networkLockKey: NetworkLockKey
    /// Its owner; nobody when it is tagged.
    package var user: UserID?
    /// Its identity in place of a user; sorted.
    package var tags: [String]
    /// Its DNS label, unique in the tailnet.
    package var givenName: String
    /// Whether an administrator chose the name, so that it no longer follows the host name.
    package var isRenamed: Bool
    /// Its IPv4 address, if the tailnet has a prefix for them.
    package let ipv4: IPAddress?
    /// Its IPv6 address, if the tailnet has a prefix for them.
    package let ipv6: IPAddress?
    /// Routes that it may serve when it advertises them, sorted; the two default routes always come together.
    package var approvedRoutes: [IPPrefix]
    /// Goes when it is away for a while.
    package var isEphemeral: Bool
    /// When its key expires; nil means never.
    package var expiry: Timestamp?
    /// How it came in.
    package var registerMethod: RegisterMethod
    /// The key with which it last joined.
    package var authKey: PreAuthKeyID?
    /// When it first joined.
    package let createdAt: Timestamp
    /// See ``Soft``.
    package var soft: Soft

    /// All fields as given.
    package init(
        id: NodeID,
        machineKey: MachineKey,
        nodeKey: NodeKey,
        networkLockKey: NetworkLockKey = .zero,
        user: UserID?,
        tags: [String] = [],
        givenName: String,
        isRenamed: Bool = false,
        ipv4: IPAddress?,
        ipv6: IPAddress?,
        approvedRoutes: [IPPrefix] = [],
        isEphemeral: Bool = false,
        expiry: Timestamp? = nil,
        registerMethod: RegisterMethod = .authKey,
        authKey: PreAuthKeyID? = nil,
        createdAt: Timestamp,
        soft: Soft = Soft()
    ) {
        self.id = id
        self.machineKey = machineKey
        self.nodeKey = nodeKey
        self.networkLockKey = networkLockKey
        self.user = user
        self.tags = tags
        self.givenName = givenName
        self.isRenamed = isRenamed
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.approvedRoutes = approvedRoutes
        self.isEphemeral = isEphemeral
        self.expiry = expiry
        self.registerMethod = registerMethod
        self.authKey = authKey
        self.createdAt = createdAt
        self.soft = soft
    }

    /// IPv4 before IPv6, as clients demand.
    package var addresses: [IPAddress] { [ipv4, ipv6].compactMap(\.self) }

    /// Whether it has tags in place of a user.
    package var isTagged: Bool { !tags.isEmpty }

    /// The user that the wire knows it by.
    package var wireUser: UserID { user ?? UserRecord.taggedDevicesID }

    /// Whether its key has expired at `now`.
    package func isExpired(at now: Timestamp) -> Bool {
        expiry.map { $0 <= now } ?? false
    }
}
