// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// Packet filters taken apart into single permissions.
enum FlatFilter {
    static func permissions(_ rules: [FilterRule]) -> Set<String> {
        var result: Set<String> = []
        for rule in rules {
            for source in rule.srcIPs {
                for port in rule.dstPorts {
                    let number = rule.ipProto.first.map { "\($0)" } ?? ""
                    result.insert("\(source) > \(port.ip) \(port.ports.first)-\(port.ports.last) \(number)")
                }
            }
        }
        return result
    }

    static func capabilities(_ rules: [FilterRule]) -> Set<String> {
        var result: Set<String> = []
        for rule in rules {
            for source in rule.srcIPs {
                for grant in rule.capGrant {
                    for prefix in grant.dsts {
                        result.formUnion(grant.capMap.keys.map { "\(source) > \(prefix) \($0)" })
                    }
                }
            }
        }
        return result
    }
}
