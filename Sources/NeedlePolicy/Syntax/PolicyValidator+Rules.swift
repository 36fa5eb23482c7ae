// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension PolicyValidator {
    private static let selfSource = "autogroup:self can only be used with users, groups, or supported autogroups"

    mutating func check(_ rule: PolicySyntax.AccessRule) {
        checkSources(rule.sources, section: "acls")
        for (alias, ports) in rule.destinations {
            if case .tag(let name) = alias.value {
                checkName(alias, tagPrefix: "dst=\"\(name)\": ")
            } else {
                checkDestination(alias)
            }
            do throws(SyntaxFailure) {
                let number = rule.protocols.first
                let name = number.map { number in
                    IPProtocol.numbers.first { $0.value == number }?.key ?? String(number)
                }
                try PolicyReader.checkPorts(ports, fit: rule.protocols, named: name ?? "")
            } catch {
                collector.add(error, at: alias.offset)
            }
        }
        checkSelf(rule.sources, rule.destinations.map(\.alias), allowsEverything: true)
        checkPostureNames(rule.postures ?? [])
    }

    mutating func check(_ grant: PolicySyntax.Grant) {
        if grant.ip.isEmpty, grant.app.isEmpty {
            collector.add("ip and app can not both be empty", at: grant.offset)
        }
        checkSources(grant.sources, section: "grants")
        for alias in grant.destinations {
            checkDestination(alias)
            if case .addresses(let range) = alias.value, range.prefix?.length == 0 {
                collector.add(
                    "dst \"\(range)\": to allow all IP addresses, use \"*\" or \"autogroup:internet\"",
                    at: alias.offset
                )
            }
            if alias.value == .autogroup(.internet), !grant.app.isEmpty {
                collector.add("cannot use app grants with autogroup:internet", at: alias.offset)
            }
        }
        for capability in grant.app { checkCapability(capability.name, at: capability.offset) }
        for tag in grant.via where !tags.contains(tag.value) {
            collector.add("tag \"\(tag.value)\" not found", at: tag.offset)
        }
        checkSelf(grant.sources, grant.destinations, allowsEverything: false)
        checkPostureNames(grant.postures ?? [])
    }

    private mutating func checkSources(_ sources: [PolicySyntax.PlacedAlias], section: String) {
        for alias in sources {
            switch alias.value {
            case .autogroup(.internet):
                collector.add("autogroup:internet can only be used in ACL destinations", at: alias.offset)
            case .autogroup(.selfDevices):
                collector.add("\"autogroup:self\" not valid on the src side of a rule", at: alias.offset)
            case .autogroup(.nonroot):
                collector.add("autogroup not supported for ACL sources: \"autogroup:nonroot\"", at: alias.offset)
            case .service(let name):
                collector.add("\"\(name)\" not valid on the src side of a rule", at: alias.offset)
            default:
                checkName(alias, tagPrefix: "src=")
                checkDomain(alias, section: section)
            }
        }
    }

    private mutating func checkDestination(_ alias: PolicySyntax.PlacedAlias) {
        switch alias.value {
        case .autogroup(.dangerAll):
            collector.add("cannot use autogroup:danger-all as a dst", at: alias.offset)
        case .autogroup(.nonroot):
            collector.add("autogroup not supported for ACL destinations: \"autogroup:nonroot\"", at: alias.offset)
        default:
            checkName(alias)
            checkDomain(alias, section: "dst")
        }
    }

    /// `autogroup:self` is about a user's own devices, so every source has to stand for users.
    private mutating func checkSelf(
        _ sources: [PolicySyntax.PlacedAlias],
        _ destinations: [PolicySyntax.PlacedAlias],
        allowsEverything: Bool
    ) {
        guard destinations.contains(where: { $0.value == .autogroup(.selfDevices) }) else { return }
        for source in sources {
            switch source.value {
            case .user, .userDomain, .group: continue
            case .everything where allowsEverything: continue
            case .autogroup(let autogroup) where autogroup.isIdentity && autogroup != .tagged: continue
            case .autogroup(.selfDevices): continue
            default: collector.add(Self.selfSource, at: source.offset)
            }
        }
    }

    /// - Source: the capabilities of tailscale.com that a policy may name are those that clients offer to users.
    private mutating func checkCapability(_ name: String, at offset: Int) {
        let allowed = ["drive", "relay", "webui", "kubernetes", "tsidp", "secrets"].map { "tailscale.com/cap/\($0)" }
        if name.contains("://") || !name.contains("/") {
            collector.add("capability name must have the form {domain}/{path}", at: offset)
        } else if name.hasPrefix("tailscale.com/"), !allowed.contains(name) {
            collector.add(
                "capability name must not be in the tailscale.com domain",
                at: offset,
                hint: "but for \(allowed.joined(separator: ", "))"
            )
        }
    }

    mutating func check(_ entry: PolicySyntax.NodeAttributes) {
        for target in entry.targets {
            switch target.value {
            case .autogroup(let autogroup) where !autogroup.isIdentity:
                collector.add(
                    "nodeAttrs target does not support this autogroup: \"\(autogroup.rawValue)\"",
                    at: target.offset
                )
            case .service(let name):
                collector.add("\"\(name)\" cannot be a target of nodeAttrs", at: target.offset)
            default:
                checkName(target)
                checkDomain(target, section: "nodeAttrs")
            }
        }
        for pool in entry.ipPool { checkPool(pool) }
    }

    private mutating func checkPool(_ pool: PolicySyntax.Placed<IPPrefix>) {
        guard let all = IPPrefix(text: "100.64.0.0/10"), let names = IPPrefix(text: "100.100.100.0/24"),
            let services = IPPrefix(text: "100.115.92.0/23")
        else { return }
        guard all.contains(pool.value) else {
            collector.add("nodeAttrs ipPool must be within 100.64.0.0/10: \"\(pool.value)\"", at: pool.offset)
            return
        }
        for reserved in [names, services] where AddressRange(reserved).overlaps(pool.value) {
            collector.add(
                "nodeAttrs ipPool must not overlap reserved Tailscale ranges: \"\(pool.value)\" overlaps \"\(reserved)\"",
                at: pool.offset
            )
        }
    }
}
