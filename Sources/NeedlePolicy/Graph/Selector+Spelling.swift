// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension Selector {
    /// A hash of how it is spelled, the same in every policy and process.
    var spelling: UInt64 {
        var hash = ContentHash()
        spell(into: &hash)
        return hash.value
    }

    private func spell(into hash: inout ContentHash) {
        hash.combine(kind)
        switch self {
        case .everything, .anywhere, .internet: break
        case .user(let name), .userDomain(let name), .group(let name), .tag(let name), .service(let name):
            hash.combine(name)
        case .autogroup(let autogroup): hash.combine(autogroup.rawValue)
        case .addresses(let ranges), .internetAddresses(let ranges), .nodesAt(let ranges):
            for range in ranges {
                hash.combine(range.first)
                hash.combine(range.last)
            }
        case .via(let tags, let base):
            for tag in tags { hash.combine(tag) }
            base.spell(into: &hash)
        case .conditional(let postures, let base):
            for posture in postures.postures {
                hash.combine(UInt64(posture.count))
                for condition in posture { condition.spell(into: &hash) }
            }
            base.spell(into: &hash)
        }
    }

    private var kind: UInt64 {
        switch self {
        case .everything: 1
        case .anywhere: 2
        case .user: 3
        case .userDomain: 4
        case .group: 5
        case .tag: 6
        case .autogroup: 7
        case .addresses: 8
        case .internetAddresses: 9
        case .nodesAt: 10
        case .internet: 11
        case .via: 12
        case .conditional: 13
        case .service: 14
        }
    }
}

extension PostureCondition {
    fileprivate func spell(into hash: inout ContentHash) {
        hash.combine(attribute)
        hash.combine(relation.rawValue)
        for value in values {
            switch value {
            case .string(let text): hash.combine(text)
            case .number(let number): hash.combine(number.bitPattern)
            case .bool(let bool): hash.combine(bool ? 1 : 0)
            }
        }
    }
}
