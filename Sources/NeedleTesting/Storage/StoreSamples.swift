// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
internal import NeedleTypes
internal import NeedleWire

/// Records to put into a store: plain ones, the same ones changed, and ones with every field at an extreme.
package enum StoreSamples {
    static let texts = [
        "", " ", "'; DROP TABLE nodes; --", "Zo\u{eb} \u{2603} \u{1f642}", "\u{65e5}\u{672c}\u{8a9e}", "e\u{301}",
        "line\nbreak\ttab", "quote \" and \\ backslash", "{\"json\": true}", "%s %d ?1 :name",
        String(repeating: "\u{1f469}\u{200d}\u{1f680}", count: 500),
    ]
    static let times = [
        Timestamp.zero, Timestamp(seconds: 0), Timestamp(seconds: -1, nanoseconds: 999_999_999),
        Timestamp(seconds: 1_700_000_000, nanoseconds: 1),
        Timestamp(seconds: 253_402_300_799, nanoseconds: 999_999_999),
    ]
    static let moment = Timestamp(seconds: 1_700_000_000, nanoseconds: 120_000_000)

    /// A user as they usually are.
    package static func user(_ id: Int64) -> UserRecord {
        UserRecord(
            id: UserID(id),
            name: "user\(id)",
            displayName: "User \(id)",
            email: "user\(id)@example.com",
            profilePicURL: "https://example.com/\(id).png",
            role: id == 1 ? .owner : .member,
            createdAt: moment + .seconds(id % 1000)
        )
    }

    /// A key as they usually are.
    package static func preAuthKey(_ id: Int64, user: Int64? = nil) -> PreAuthKeyRecord {
        PreAuthKeyRecord(
            id: PreAuthKeyID(id),
            prefix: Hex.encode(bytes(6, seed: id)),
            hash: bytes(32, seed: id),
            user: user.map { UserID($0) },
            isReusable: id.isMultiple(of: 2),
            isEphemeral: id.isMultiple(of: 3),
            tags: user == nil ? ["tag:server"] : [],
            expiration: moment + .seconds(3600),
            createdAt: moment
        )
    }

    /// A node as they usually are.
    package static func node(_ id: Int64, user: Int64? = nil) -> NodeRecord {
        NodeRecord(
            id: NodeID(id),
            machineKey: key(id),
            nodeKey: key(id &+ 1),
            user: user.map { UserID($0) },
            tags: user == nil ? ["tag:server"] : [],
            givenName: "node-\(id)",
            ipv4: IPAddress(family: .v4, bits: 0x6440_0000 + UInt128(UInt64(bitPattern: id) & 0xffff)),
            ipv6: IPAddress(family: .v6, bits: 0xfd7a_115c_a1e0 << 80 + UInt128(UInt64(bitPattern: id))),
            approvedRoutes: id.isMultiple(of: 3) ? ["10.0.0.0/8", "::/0"].compactMap { IPPrefix(text: $0) } : [],
            expiry: moment + .seconds(86400),
            authKey: PreAuthKeyID(1),
            createdAt: moment,
            soft: soft(id)
        )
    }

    /// A version of a policy as they usually are.
    package static func policy(_ id: Int64, text: String = "{ /* everything */ }") -> StoredPolicy {
        policy(id, text: Array(text.utf8), author: "alice", comment: "version \(id)")
    }

    static func policy(_ id: Int64, text: [UInt8], author: String, comment: String) -> StoredPolicy {
        StoredPolicy(
            version: PolicyVersion(
                id: PolicyVersionID(id),
                createdAt: moment + .seconds(id % 1000),
                author: author,
                comment: comment,
                byteCount: text.count
            ),
            text: text
        )
    }

    static func soft(_ id: Int64) -> NodeRecord.Soft {
        var soft = NodeRecord.Soft()
        soft.hostinfo.hostname = "node-\(id)"
        soft.hostinfo.os = "linux"
        soft.hostinfo.ipnVersion = "1.80.2"
        soft.hostinfo.goArch = "amd64"
        soft.hostinfo.services = [Service(proto: "peerapi4", port: 41234)]
        soft.discoKey = key(id &+ 2)
        soft.endpoints = ["192.0.2.7:41641", "[2001:db8::1]:41641"].compactMap { Endpoint(text: $0) }
        soft.homeDERP = 1
        soft.lastSeen = moment
        soft.capability = CapabilityVersion(113)
        return soft
    }

    /// A key of `Role` that depends on `seed` alone.
    static func key<Role>(_ seed: Int64) -> PublicKey<Role> {
        PublicKey(bytes: bytes(32, seed: seed)) ?? .zero
    }

    static func bytes(_ count: Int, seed: Int64) -> [UInt8] {
        var random = SeededRandom(seed: UInt64(bitPattern: seed))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
}
