// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import NeedleWire

/// A node like those of a company: keys and public addresses of its own, all else much like its neighbours'.
///
/// ``StoreSamples`` will not do here: its nodes share keys, which compresses far too well.
enum NodeSample {
    static func record(_ id: Int64, user: Int64, at moment: Timestamp) -> NodeRecord {
        var random = SeededRandom(seed: UInt64(id))
        return NodeRecord(
            id: NodeID(id),
            machineKey: key(&random),
            nodeKey: key(&random),
            user: UserID(user),
            givenName: "node-\(id)",
            ipv4: IPAddress(family: .v4, bits: 0x6440_0000 + UInt128(id)),
            ipv6: IPAddress(family: .v6, bits: 0xfd7a_115c_a1e0 << 80 + UInt128(id)),
            expiry: moment + .seconds(180 * 86400),
            authKey: PreAuthKeyID(1),
            createdAt: moment + .seconds(-id),
            soft: soft(id, at: moment, &random)
        )
    }

    private static func soft(_ id: Int64, at moment: Timestamp, _ random: inout SeededRandom) -> NodeRecord.Soft {
        var soft = NodeRecord.Soft()
        soft.hostinfo.hostname = "node-\(id)"
        soft.hostinfo.os = ["linux", "macOS", "windows"][Int(id % 3)]
        soft.hostinfo.ipnVersion = "1.90.4"
        soft.hostinfo.goArch = "amd64"
        let port = UInt16.random(in: 32_768...60_999, using: &random)
        soft.hostinfo.services = [Service(proto: "peerapi4", port: port), Service(proto: "peerapi6", port: port)]
        soft.discoKey = key(&random)
        let host = UInt32.random(in: 1...0xff_ffff, using: &random)
        soft.endpoints = [
            Endpoint(address: IPAddress(family: .v4, bits: 0xcb00_0000 + UInt128(host)), port: port),
            Endpoint(address: IPAddress(family: .v4, bits: 0xc0a8_0000 + UInt128(host & 0xffff)), port: 41641),
        ]
        soft.homeDERP = 1 + Int(id % 5)
        soft.lastSeen = moment + .seconds(-id % 86400)
        soft.capability = .current
        return soft
    }

    static func key<Role>(_ random: inout SeededRandom) -> PublicKey<Role> {
        PublicKey(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }) ?? .zero
    }
}
