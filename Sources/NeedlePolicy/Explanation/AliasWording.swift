// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Says why a node or an address goes by a name.
struct AliasWording {
    let graph: PolicyGraph
    let compiler: PolicyCompiler
    let names: (NodeSlot) -> String

    /// Why `end` is in `alias`.
    func reason(_ alias: Alias, _ end: PolicyQuestion.End) -> String {
        switch end {
        case .address(let address): reason(alias, address: address)
        case .node(let slot): reason(alias, slot)
        }
    }

    private func reason(_ alias: Alias, _ slot: NodeSlot) -> String {
        guard let node = graph.node(slot) else { return "" }
        let name = names(slot)
        let user = node.facts.user.map(Self.name) ?? ""
        return switch alias {
        case .everything, .autogroup(.dangerAll): "every node is in it"
        case .user: "\(name) belongs to this user"
        case .userDomain: "\(name) belongs to \(user)"
        case .group: "\(user), whose node \(name) is, is a member"
        case .tag: "\(name) has this tag"
        case .autogroup(.member): "\(name) belongs to \(user)"
        case .autogroup(.tagged): "\(name) is tagged"
        case .autogroup(.selfDevices): "both belong to \(user)"
        case .autogroup: "\(name) belongs to \(user), who is \(node.facts.user?.role.rawValue ?? "nobody")"
        case .host, .addresses, .ipset: addressReason(alias, node, name)
        case .service: "\(name) serves it"
        }
    }

    private func addressReason(_ alias: Alias, _ node: PolicyGraph.Node, _ name: String) -> String {
        let ranges = ranges(of: alias)
        guard let address = node.reach.addresses.first(where: { address in ranges.contains { $0.contains(address) } })
        else { return "\(name) serves a route that overlaps it" }
        return "\(address) is \(name)'s address"
    }

    /// Why an address that is no node's is in `alias`.
    private func reason(_ alias: Alias, address: IPAddress) -> String {
        switch alias {
        case .everything: "\(address) is behind a route in force"
        case .autogroup(.dangerAll): "everybody is in it"
        case .autogroup(.internet): "\(address) is a public address"
        case .addresses(let range) where range.isSingle: "it is this address"
        case .host: "this host is \(ranges(of: alias).map(\.description).joined(separator: ", "))"
        default: "\(address) is in \(ranges(of: alias).map(\.description).joined(separator: ", "))"
        }
    }

    private func ranges(of alias: Alias) -> [AddressRange] {
        compiler.selector(alias)?.ranges ?? []
    }

    /// How a user is called: by the e-mail address, or else the name.
    static func name(of user: UserFacts) -> String {
        user.email.flatMap { $0.isEmpty ? nil : $0 } ?? user.name
    }
}
