// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTypes
import NeedleWire

/// Brings our answers and the recorded ones into one form, as ../shared/golden/check.py does.
enum GoldenComparison {
    /// Capabilities that describe the state of the service's account, not the policy.
    private static let account: Set<String> = [
        "https://tailscale.com/cap/is-owner", "https://tailscale.com/cap/tailnet-lock",
        "https://tailscale.com/cap/is-admin", "tailnet-display-name", "store-appc-routes", "probe-udp-lifetime",
        "ssh-behavior-v1", "ssh-env-vars", "service-host", "native-ipv4",
    ]

    static func filter(_ json: JSON) -> [String] {
        (json.array ?? []).map { rule in
            let sources = (rule["SrcIPs"].array ?? []).compactMap(\.string).sorted()
            let ports = (rule["DstPorts"].array ?? []).map(\.canonical).sorted()
            let protocols = (rule["IPProto"].array ?? []).compactMap(\.number).sorted()
            let grants = (rule["CapGrant"].array ?? []).map { grant in
                let destinations = (grant["Dsts"].array ?? []).compactMap(\.string).sorted()
                return "\(destinations) \(capabilities(grant["CapMap"], leavingOut: []))"
            }
            return "\(sources) -> \(ports) \(protocols) \(grants)"
        }
    }

    static func capabilities(_ json: JSON, leavingOut: Set<String> = account) -> [String] {
        (json.object ?? [:]).filter { !leavingOut.contains($0.key) && !$0.key.contains("cap/maxKeyDuration") }
            .map { "\($0.key)=\($0.value.isEmpty ? "null" : $0.value.canonical)" }.sorted()
    }

    static func access(_ json: JSON, addresses: [String]) -> String {
        let allowed = json["allowedIPs"].array?.compactMap(\.string) ?? addresses
        let primary = (json["primaryRoutes"].array ?? []).compactMap(\.string)
        return "allowed \(allowed.sorted()) primary \(primary.sorted())"
    }

    static func access(_ access: PeerAccess) -> String {
        let primary = access.primaryRoutes.map(\.description).sorted()
        return "allowed \(access.allowedIPs.map(\.description).sorted()) primary \(primary)"
    }

    static func ssh(_ json: JSON) -> [String] {
        (json["rules"].array ?? []).map { rule in
            let principals = (rule["principals"].array ?? []).map(\.canonical).sorted()
            let action = (rule["action"].object ?? [:]).filter { !$0.value.isEmpty }
                .map { "\($0.key)=\($0.value.canonical)" }.sorted()
            return
                "\(principals) \(rule["sshUsers"].canonical) \(action) \(rule["acceptEnv"].array?.map(\.canonical) ?? [])"
        }
    }

    static func json(_ value: some JSONWritable) throws -> JSON {
        try JSON(text: String(decoding: value.json, as: UTF8.self))
    }

    static func json(_ capabilities: CapMap) throws -> JSON {
        .object(try capabilities.mapValues { .array(try $0.map { try JSON(text: $0.text) }) })
    }
}
