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
        for cycle in NameCycles.find(in: references) {
            let offset = syntax.addressSets.first { $0.name == cycle }?.offset ?? 0
            collector.add("circular reference detected: \(cycle)", at: offset, hint: "an IP set cannot hold itself")
        }
    }

    mutating func checkPostureNames(_ names: [PolicySyntax.Placed<String>]) {
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
