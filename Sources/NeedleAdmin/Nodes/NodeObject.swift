// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedlePolicy
package import NeedleTypes
internal import NeedleWire

/// A node as REST v1 shows it; what is not there is null, never left out.
///
/// - Source: headscale's `v1.Node`.
package struct NodeObject: Codable, Hashable, Sendable {
    package let id: String
    package let machineKey: String
    package let nodeKey: String
    package let discoKey: String
    package let ipAddresses: [String]
    /// What the machine calls itself.
    package let name: String
    /// Null for a tagged node, but in lists the pseudo user of all tagged nodes.
    package let user: UserObject?
    package let lastSeen: Timestamp?
    /// Null when its key never expires.
    package let expiry: Timestamp?
    /// The key with which it joined; null when that was deleted.
    package let preAuthKey: PreAuthKeyObject?
    package let createdAt: Timestamp
    package let registerMethod: String
    /// Its DNS label.
    package let givenName: String
    package let online: Bool
    /// What it may serve, whether it offers that or not.
    package let approvedRoutes: [String]
    /// What it offers.
    package let availableRoutes: [String]
    /// What it serves: the subnets that it is the primary router of, and the two default routes if it is an exit node.
    package let subnetRoutes: [String]
    package let tags: [String]

    // Written out, since a missing value is a null here, which the compiler's version would leave out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(machineKey, forKey: .machineKey)
        try container.encode(nodeKey, forKey: .nodeKey)
        try container.encode(discoKey, forKey: .discoKey)
        try container.encode(ipAddresses, forKey: .ipAddresses)
        try container.encode(name, forKey: .name)
        try container.encode(user, forKey: .user)
        try container.encode(lastSeen, forKey: .lastSeen)
        try container.encode(expiry, forKey: .expiry)
        try container.encode(preAuthKey, forKey: .preAuthKey)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(registerMethod, forKey: .registerMethod)
        try container.encode(givenName, forKey: .givenName)
        try container.encode(online, forKey: .online)
        try container.encode(approvedRoutes, forKey: .approvedRoutes)
        try container.encode(availableRoutes, forKey: .availableRoutes)
        try container.encode(subnetRoutes, forKey: .subnetRoutes)
        try container.encode(tags, forKey: .tags)
    }

    /// The body of answers about one node.
    package struct Envelope: Codable, Sendable {
        package let node: NodeObject
    }

    /// The body of lists of nodes.
    package struct ListEnvelope: Codable, Sendable {
        package let nodes: [NodeObject]
    }
}

extension NodeObject {
    /// `taggedUser` stands in for the user that a tagged node has not.
    init(_ node: NodeVersion, taggedUser: UserObject? = nil, in tailnet: Tailnet) {
        let record = node.record
        let user = record.user.flatMap { tailnet.user($0) }.map { UserObject($0) }
        self.init(
            id: record.id.description,
            machineKey: record.machineKey.text,
            nodeKey: record.nodeKey.text,
            discoKey: record.soft.discoKey.text,
            ipAddresses: record.addresses.map(\.description),
            name: record.soft.hostinfo.hostname,
            user: record.isTagged ? taggedUser : user,
            // Joining is being seen, too.
            lastSeen: record.soft.lastSeen ?? record.createdAt,
            expiry: record.expiry,
            preAuthKey: record.authKey.flatMap { tailnet.preAuthKey($0) }
                .map { PreAuthKeyObject(ofNode: $0, in: tailnet) },
            createdAt: record.createdAt,
            registerMethod: Self.text(of: record.registerMethod),
            givenName: record.givenName,
            online: node.isOnline,
            approvedRoutes: record.approvedRoutes.map(\.description),
            availableRoutes: record.soft.hostinfo.routableIPs.map(\.description),
            subnetRoutes: Self.servedRoutes(of: node.slot, under: tailnet.policy).map(\.description),
            tags: record.tags
        )
    }

    private static func servedRoutes(of slot: NodeSlot, under policy: PolicyGraph) -> [IPPrefix] {
        policy.ownAccess(of: slot).primaryRoutes + policy.routesInForce(of: slot).filter(\.isDefaultRoute)
    }

    private static func text(of method: NodeRecord.RegisterMethod) -> String {
        switch method {
        case .authKey: "REGISTER_METHOD_AUTH_KEY"
        case .commandLine: "REGISTER_METHOD_CLI"
        case .oidc: "REGISTER_METHOD_OIDC"
        }
    }
}
