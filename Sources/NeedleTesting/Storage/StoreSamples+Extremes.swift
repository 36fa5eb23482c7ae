// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
internal import NeedleTypes
internal import NeedleWire

extension StoreSamples {
    /// Users whose texts and times are the odd ones; the last has the largest id there is.
    package static var extremeUsers: [UserRecord] {
        let users = texts.enumerated().map { index, text in
            UserRecord(
                id: UserID(Int64(index) + 1),
                name: text,
                displayName: text,
                email: text,
                profilePicURL: text,
                role: UserRole.allCases[index % UserRole.allCases.count],
                createdAt: times[index % times.count]
            )
        }
        return users + [UserRecord(id: UserID(.max), name: "last", createdAt: .zero)]
    }

    /// Keys of ``extremeUsers`` and of nobody.
    package static var extremePreAuthKeys: [PreAuthKeyRecord] {
        let bare = PreAuthKeyRecord(
            id: PreAuthKeyID(1),
            prefix: "",
            hash: [],
            user: nil,
            isReusable: false,
            isEphemeral: false,
            tags: [],
            expiration: nil,
            createdAt: .zero
        )
        let full = PreAuthKeyRecord(
            id: PreAuthKeyID(.max),
            prefix: "ffffffffffff",
            hash: [0, 255] + bytes(4096, seed: 1),
            user: UserID(.max),
            isReusable: true,
            isEphemeral: true,
            tags: (0..<500).map { "tag:t\($0)" } + texts,
            isUsed: true,
            expiration: .zero,
            createdAt: times[4]
        )
        return [bare] + times.enumerated().map { key($0.offset, expiring: $0.element) } + [full]
    }

    private static func key(_ index: Int, expiring time: Timestamp) -> PreAuthKeyRecord {
        PreAuthKeyRecord(
            id: PreAuthKeyID(Int64(index) + 2),
            prefix: "\(index)",
            hash: [UInt8](repeating: 0, count: index),
            user: UserID(1),
            isReusable: true,
            isEphemeral: false,
            tags: [""],
            expiration: time,
            createdAt: time
        )
    }

    /// Nodes of ``extremeUsers`` and of nobody.
    package static var extremeNodes: [NodeRecord] {
        let bare = NodeRecord(
            id: NodeID(1),
            machineKey: .zero,
            nodeKey: .zero,
            user: nil,
            givenName: "",
            ipv4: nil,
            ipv6: nil,
            createdAt: .zero
        )
        let full = NodeRecord(
            id: NodeID(.max),
            machineKey: PublicKey(bytes: [UInt8](repeating: 255, count: 32)) ?? .zero,
            nodeKey: key(1),
            networkLockKey: key(2),
            user: UserID(.max),
            tags: (0..<500).map { "tag:t\($0)" } + texts,
            givenName: String(repeating: "n", count: 63),
            isRenamed: true,
            ipv4: IPAddress(family: .v4, bits: .max),
            ipv6: IPAddress(family: .v6, bits: .max),
            approvedRoutes: manyRoutes,
            isEphemeral: true,
            expiry: .zero,
            registerMethod: .oidc,
            authKey: PreAuthKeyID(.max),
            createdAt: times[4],
            soft: extremeSoft
        )
        return [bare] + texts.enumerated().map { node($0.offset, named: $0.element) } + [full]
    }

    private static let manyRoutes = (0..<WireLimits.routesMax).compactMap { index in
        IPPrefix(IPAddress(family: .v6, bits: UInt128(index) << 64), length: 64)
    }

    /// Versions of a policy with nothing in them, with odd notes, with bytes that are no text, and a long one last.
    package static var extremePolicies: [StoredPolicy] {
        let odd = texts.enumerated().map { index, text in
            policy(Int64(index) + 2, text: Array(text.utf8), author: text, comment: text)
        }
        return [policy(1, text: [], author: "", comment: "")] + odd + [
            policy(1000, text: [0, 255, 0] + bytes(64, seed: 1), author: "", comment: ""),
            policy(.max, text: [UInt8](repeating: 0x20, count: 3 << 20), author: "last", comment: "long"),
        ]
    }

    private static func node(_ index: Int, named text: String) -> NodeRecord {
        let time = times[index % times.count]
        var record = NodeRecord(
            id: NodeID(Int64(index) + 2),
            machineKey: key(Int64(index)),
            nodeKey: key(Int64(index)),
            user: UserID(1),
            tags: [text],
            givenName: text,
            ipv4: IPAddress(family: .v4, bits: UInt128(index)),
            ipv6: IPAddress(family: .v6, bits: 0xffff << 32 + UInt128(index)),
            expiry: time,
            registerMethod: .commandLine,
            createdAt: time
        )
        record.soft.hostinfo.hostname = text.utf8.count < 1000 ? text : ""
        record.soft.lastSeen = time
        return record
    }

    /// As much as a client may report.
    private static var extremeSoft: NodeRecord.Soft {
        var soft = NodeRecord.Soft()
        soft.hostinfo.hostname = String(repeating: "\u{e9}", count: 500)
        soft.hostinfo.container = false
        soft.hostinfo.routableIPs = manyRoutes
        soft.hostinfo.services = (0..<WireLimits.servicesMax).map { index in
            Service(proto: "tcp", port: UInt16(index) &+ 65000, description: "service \(index) \u{2603}")
        }
        soft.hostinfo.sshHostKeys = (0..<WireLimits.sshHostKeysMax).map { "ssh-ed25519 \($0)" }
        var netInfo = NetInfo()
        netInfo.preferredDERP = 999
        netInfo.derpLatency = ["1-v4": 0.001, "2-v6": 1.5e-9, "3-v4": 0]
        netInfo.workingIPv6 = true
        soft.hostinfo.netInfo = netInfo
        soft.discoKey = key(3)
        soft.endpoints = (0..<WireLimits.endpointsMax).map { index in
            Endpoint(
                address: IPAddress(family: index.isMultiple(of: 2) ? .v4 : .v6, bits: .max - UInt128(index)),
                port: index == 0 ? 0 : .max
            )
        }
        soft.homeDERP = .max
        soft.lastSeen = .zero
        soft.capability = CapabilityVersion(.max)
        return soft
    }
}
