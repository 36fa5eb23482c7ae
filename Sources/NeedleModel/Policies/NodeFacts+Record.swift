// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

extension Tailnet {
    /// What a policy can know of the node `record` at `slot`.
    func facts(of record: NodeRecord, at slot: NodeSlot, status: NodeVersion.Status) -> NodeFacts {
        NodeFacts(
            slot: slot,
            id: record.id,
            user: record.isTagged ? nil : record.user.flatMap { users[$0] }.map { UserFacts($0) },
            tags: record.tags,
            addresses: record.addresses,
            advertisedRoutes: record.soft.hostinfo.routableIPs,
            approvedRoutes: record.approvedRoutes,
            created: record.createdAt,
            attributes: record.soft.hostinfo.postureAttributes,
            isOnline: status.isOnline && !status.isExpired
        )
    }
}

extension Hostinfo {
    /// The attributes that conditions of a posture may name.
    ///
    /// - Source: https://tailscale.com/kb/1288/device-posture: systems are named in lower case; a client's version ends
    ///   before the first hyphen; odd minor versions are unstable.
    var postureAttributes: [String: AttributeValue] {
        var attributes: [String: AttributeValue] = ["node:tsAutoUpdate": .bool(allowsUpdate)]
        if !os.isEmpty { attributes["node:os"] = .string(os.lowercased()) }
        if !osVersion.isEmpty { attributes["node:osVersion"] = .string(osVersion) }
        if let stateEncrypted { attributes["node:tsStateEncrypted"] = .bool(stateEncrypted) }
        if let version = ipnVersion.split(separator: "-").first {
            attributes["node:tsVersion"] = .string(String(version))
            let minor = version.split(separator: ".").dropFirst().first.flatMap { Int($0) }
            if let minor { attributes["node:tsReleaseTrack"] = .string(minor % 2 == 0 ? "stable" : "unstable") }
        }
        return attributes
    }

    /// Whether ``postureAttributes`` are made of the same, without making them.
    func hasSamePosture(as other: Hostinfo) -> Bool {
        os == other.os && osVersion == other.osVersion && ipnVersion == other.ipnVersion
            && allowsUpdate == other.allowsUpdate && stateEncrypted == other.stateEncrypted
    }
}
