// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Checks what the entries of a policy say about one another: names that exist, combinations that make sense.
struct PolicyValidator {
    let syntax: PolicySyntax
    /// The domain that `user:*@` and `localpart:*@` may name; nothing when it is not known yet.
    let domain: String?
    var collector: FindingCollector
    let groups: Set<String>
    let tags: Set<String>
    let addressSets: Set<String>

    init(syntax: PolicySyntax, domain: String?, collector: FindingCollector) {
        self.syntax = syntax
        self.domain = domain
        self.collector = collector
        groups = Set(syntax.groups.map(\.name))
        tags = Set(syntax.tagOwners.map(\.name))
        addressSets = Set(syntax.addressSets.map(\.name))
    }

    mutating func validate() {
        checkGroups()
        checkTagOwners()
        checkAddressSets()
        checkPostureNames(syntax.defaultPostures)
        checkPairs()
        for rule in syntax.accessRules ?? [] { check(rule) }
        for grant in syntax.grants ?? [] { check(grant) }
        for entry in syntax.ssh { check(entry) }
        for entry in syntax.nodeAttributes { check(entry) }
        for approvers in syntax.routeApprovers.map(\.approvers) + [syntax.exitNodeApprovers] {
            for approver in approvers { checkApprover(approver, "invalid auto approver format") }
        }
        for service in syntax.serviceApprovers {
            for approver in service.values { checkApprover(approver, "invalid auto approver format") }
        }
        for test in syntax.sshTests { check(test) }
    }

    /// What follows from a rule grows with its sources times its destinations.
    private mutating func checkPairs() {
        var pairs = 0
        let rules = (syntax.accessRules ?? []).map { ($0.sources.count, $0.destinations.count, $0.offset) }
        let grants = (syntax.grants ?? []).map { ($0.sources.count, $0.destinations.count, $0.offset) }
        for (sources, destinations, offset) in rules + grants {
            pairs += sources * destinations
            guard pairs > PolicyLimits.pairsMax else { continue }
            collector.add(
                "the rules name more than \(PolicyLimits.pairsMax) pairs of a source and a destination",
                at: offset,
                hint: "put sources into groups, and destinations under tags"
            )
            return
        }
    }

    // MARK: - Names

    private mutating func checkGroups() {
        for group in syntax.groups {
            for member in group.values {
                if member.value.hasPrefix("group:") {
                    collector.add(
                        "groups[\"\(group.name)\"]: \"\(member.value)\": group members cannot be recursive",
                        at: member.offset
                    )
                } else if !member.value.contains("@") {
                    collector.add(
                        "username must contain @, got: \"\(member.value)\"",
                        at: member.offset,
                        hint: "write \"\(member.value)@\" or an e-mail address"
                    )
                }
            }
        }
    }

    private mutating func checkTagOwners() {
        for tag in syntax.tagOwners {
            // Tags that own one another in a circle are let through by the service; they just add no owners.
            for owner in tag.values {
                checkApprover(owner, "invalid owner format")
                if case .tag(let name) = owner.value, !tags.contains(name) {
                    collector.add("tag \"\(tag.name)\" references undefined tag \"\(name)\"", at: owner.offset)
                }
            }
        }
    }

    /// Owners and approvers are users, groups, tags and autogroups of them.
    private mutating func checkApprover(_ alias: PolicySyntax.PlacedAlias, _ message: String) {
        switch alias.value {
        case .user, .userDomain, .group, .tag: break
        case .autogroup(let autogroup) where autogroup.isIdentity: break
        default: collector.add("\(message): \"\(alias.value)\"", at: alias.offset, hint: "name users, groups or tags")
        }
        checkName(alias)
    }

    private mutating func checkAddressSets() {
        var references: [String: [String]] = [:]
        for set in syntax.addressSets {
            references[set.name] = set.values.compactMap {
                if case .ipset(let name) = $0.value.target { name } else { nil }
            }
            for term in set.values {
                checkName(PolicySyntax.Placed(value: term.value.target, offset: term.offset))
            }
        }
        let cycles = NameCycles(references)
        for cycle in cycles.circular where !collector.isFull {
            let offset = syntax.addressSets.first { $0.name == cycle }?.offset ?? 0
            collector.add("circular reference detected: \(cycle)", at: offset, hint: "an IP set cannot hold itself")
        }
        checkSizes(of: cycles.order)
    }

    /// IP sets that name one another can add up to far more than is written.
    private mutating func checkSizes(of order: [String]) {
        let sets = Dictionary(syntax.addressSets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var sizes: [String: Int] = [:]
        var total = 0
        for name in order {
            guard let set = sets[name] else { continue }
            let size = set.values.reduce(0) { sum, term in
                if case .ipset(let other) = term.value.target { sum + (sizes[other] ?? 0) } else { sum + 1 }
            }
            sizes[name] = size
            total += size
            guard total > PolicyLimits.addressSetRangesMax else { continue }
            collector.add(
                "the IP sets add up to more than \(PolicyLimits.addressSetRangesMax) ranges of addresses",
                at: set.offset,
                hint: "name fewer IP sets inside others, or join neighbouring addresses into prefixes"
            )
            return
        }
    }

    mutating func checkPostureNames(_ names: [PolicySyntax.Placed<String>]) {
        if names.count > PolicyLimits.conditionsMax {
            collector.add(
                "more than \(PolicyLimits.conditionsMax) postures in one list",
                at: names[0].offset,
                hint: "put their conditions into fewer postures"
            )
            return
        }
        for name in names where syntax.postures[name.value] == nil {
            if !name.value.hasPrefix("posture:"), (try? PostureParser.parse(name.value)) != nil { continue }
            collector.add(
                "posture not found: \"\(name.value)\"",
                at: name.offset,
                hint: nearest(name.value, syntax.postures.keys)
            )
        }
    }

    /// Notes a group, tag, host or IP set that does not exist.
    mutating func checkName(_ alias: PolicySyntax.PlacedAlias, tagPrefix: String = "") {
        switch alias.value {
        case .group(let name) where !groups.contains(name):
            collector.add(
                "group not defined in policy: \"\(name)\"",
                at: alias.offset,
                hint: nearest(name, groups)
            )
        case .tag(let name) where !tags.contains(name):
            collector.add(
                "\(tagPrefix)tag not found: \"\(name)\"",
                at: alias.offset,
                hint: nearest(name, tags) ?? "every tag needs an entry in tagOwners"
            )
        case .host(let name) where syntax.hosts[name] == nil:
            collector.add(
                "host not defined in policy: \"\(name)\"",
                at: alias.offset,
                hint: nearest(name, syntax.hosts.keys) ?? "a user has an @, a group begins with group:"
            )
        case .ipset(let name) where !addressSets.contains(name):
            collector.add("IP set not found: \"\(name)\"", at: alias.offset, hint: nearest(name, addressSets))
        default:
            break
        }
    }

    private func nearest(_ name: String, _ names: some Collection<String>) -> String? {
        guard !collector.isFull, names.count <= NearestName.candidatesMax else { return nil }
        return NearestName.of(name, among: names.sorted()).map { "did you mean \"\($0)\"?" }
    }

    mutating func checkDomain(_ alias: PolicySyntax.PlacedAlias, section: String) {
        guard case .userDomain(let name) = alias.value, let domain, name != domain else { return }
        collector.add("[\(section)] " + Self.foreignDomain(name), at: alias.offset)
    }

    static func foreignDomain(_ domain: String) -> String {
        "\(domain) is not associated with this Tailnet and cannot be used in user:*@<domain> expressions"
    }
}
