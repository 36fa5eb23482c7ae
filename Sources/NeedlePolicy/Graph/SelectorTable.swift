// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The selectors that a policy mentions, each once, and the ways from a node's facts to them.
struct SelectorTable: Sendable {
    private(set) var selectors: [Selector] = []
    private var ids: [Selector: SelectorID] = [:]

    private var byUserName: [String: [SelectorID]] = [:]
    private var byDomain: [String: [SelectorID]] = [:]
    private var byTag: [String: [SelectorID]] = [:]
    private var byAutogroup: [Autogroup: [SelectorID]] = [:]
    /// `*` and the like.
    private(set) var everywhere: [SelectorID] = []
    /// Those that decide which routes a viewer has a use for, but for plain addresses.
    private(set) var routed: [SelectorID] = []
    private var ends = AddressIndex()
    private var owners = AddressIndex()
    private var exits: [SelectorID] = []
    private var viaByTag: [String: [SelectorID]] = [:]
    private var conditionals: [SelectorID: [SelectorID]] = [:]
    private(set) var hasConditionals = false

    /// Members of groups, in lower case.
    let groupMembers: [String: [String]]

    init(groupMembers: [String: [String]]) {
        self.groupMembers = groupMembers
    }

    subscript(id: SelectorID) -> Selector { selectors[Int(id)] }

    var count: Int { selectors.count }

    func id(of selector: Selector) -> SelectorID? { ids[selector] }

    /// The number of `selector`, new or old.
    mutating func intern(_ selector: Selector) -> SelectorID {
        if let id = ids[selector] { return id }
        if case .conditional(_, let base) = selector { _ = intern(base) }
        let id = SelectorID(selectors.count)
        selectors.append(selector)
        ids[selector] = id
        index(selector, id)
        return id
    }

    /// To be called once, after the last selector.
    mutating func seal() {
        ends.seal()
        owners.seal()
    }

    private mutating func index(_ selector: Selector, _ id: SelectorID) {
        switch selector {
        case .everything, .anywhere:
            everywhere.append(id)
            routed.append(id)
        case .user(let name): byUserName[name, default: []].append(id)
        case .userDomain(let domain): byDomain[domain.lowercased(), default: []].append(id)
        case .group(let name):
            for member in Set(groupMembers[name] ?? []) { byUserName[member, default: []].append(id) }
        case .tag(let tag): byTag[tag, default: []].append(id)
        case .autogroup(let autogroup): byAutogroup[autogroup, default: []].append(id)
        case .addresses(let ranges): ends.insert(ranges, id)
        case .nodesAt(let ranges): owners.insert(ranges, id)
        case .internetAddresses(let ranges):
            ends.insert(ranges, id)
            exits.append(id)
            routed.append(id)
        case .internet:
            exits.append(id)
            routed.append(id)
        case .via(let tags, _):
            routed.append(id)
            for tag in tags { viaByTag[tag, default: []].append(id) }
        case .conditional(_, let base):
            hasConditionals = true
            if let baseID = ids[base] { conditionals[baseID, default: []].append(id) }
        case .service: break
        }
    }

    // MARK: - From facts to selectors

    /// The selectors that `facts` are in for who the node is, and for what names its addresses.
    func identities(of facts: NodeFacts) -> Set<SelectorID> {
        var result = Set(principals(of: facts))
        addOwners(of: facts.addresses, to: &result) { $0.insert($1) }
        return result
    }

    /// The selectors that `facts` are in for the user or the tags, in rising order.
    func principals(of facts: NodeFacts) -> [SelectorID] {
        var result = everywhere
        func add(_ ids: [SelectorID]?) { if let ids { result += ids } }
        if facts.isTagged {
            add(byAutogroup[.tagged])
            for tag in facts.tags { add(byTag[tag]) }
        } else if let user = facts.user {
            add(byAutogroup[.member])
            for autogroup in user.role.autogroups { add(byAutogroup[autogroup]) }
            for name in user.policyNames { add(byUserName[name]) }
            if let domain = user.emailParts?.domain { add(byDomain[domain.lowercased()]) }
        }
        return result.sortedUnique()
    }

    /// Adds the selectors that name nodes by their addresses.
    func addOwners<Result>(
        of addresses: [IPAddress],
        to result: inout Result,
        _ add: (inout Result, SelectorID) -> Void
    ) {
        for address in addresses { owners.forEach(containing: address) { add(&result, $0) } }
    }

    /// Adds the selectors that a node is in by its addresses and routes in force, and the conditional ones.
    func complete(_ result: inout [SelectorID], facts: NodeFacts, reach: NodeReach) {
        for address in reach.addresses { ends.forEach(containing: address) { result.append($0) } }
        for route in reach.subnets { ends.forEach(overlapping: AddressRange(route)) { result.append($0) } }
        if reach.isExitNode { result += exits }
        if !viaByTag.isEmpty {
            for tag in facts.tags {
                for id in viaByTag[tag] ?? [] where isVia(id, reach) { result.append(id) }
            }
        }
        guard hasConditionals else { return }
        for base in result.sortedUnique() {
            for id in conditionals[base] ?? [] where meets(id, facts.attributes) { result.append(id) }
        }
    }

    private func isVia(_ id: SelectorID, _ reach: NodeReach) -> Bool {
        guard case .via(_, let base) = self[id] else { return false }
        if base == .internet { return reach.isExitNode }
        return base.ranges?.contains { range in reach.subnets.contains { range.overlaps($0) } } ?? false
    }

    /// Whether a node with `attributes` meets the postures of the conditional selector `id`.
    func meets(_ id: SelectorID, _ attributes: [String: AttributeValue]) -> Bool {
        guard case .conditional(let postures, _) = self[id] else { return true }
        return postures.isMet(by: attributes)
    }

    /// The selectors of addresses that share an address with `range`.
    func ends(overlapping range: AddressRange) -> Set<SelectorID> {
        var result: Set<SelectorID> = []
        ends.forEach(overlapping: range) { result.insert($0) }
        return result
    }

    /// The conditional selectors whose bases are among `selectors`, for a node with `attributes`.
    func conditionals(over selectors: Set<SelectorID>, _ attributes: [String: AttributeValue]) -> Set<SelectorID> {
        guard hasConditionals else { return [] }
        return Set(selectors.flatMap { conditionals[$0] ?? [] }.filter { meets($0, attributes) })
    }
}
