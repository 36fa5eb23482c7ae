// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes

extension PolicyReader {
    mutating func readGroups(_ value: HuJSONValue) {
        forEachName(of: value, in: "groups") { reader, name, key, value in
            if !name.hasPrefix("group:") {
                reader.collector.add(
                    "group must start with 'group:', got: \"\(name)\"",
                    at: key.range.lowerBound,
                    hint: "write \"group:\(name)\""
                )
            }
            let members = reader.strings(value).map {
                PolicySyntax.Placed(value: $0.value.trimmingBlanks, offset: $0.offset)
            }
            reader.syntax.groups.append(
                PolicySyntax.Named(name: name, offset: key.range.lowerBound, values: members)
            )
        }
    }

    mutating func readHosts(_ value: HuJSONValue) {
        forEachName(of: value, in: "hosts") { reader, name, key, value in
            if name.isEmpty || name.contains(":") || name.contains("@") {
                reader.collector.add(
                    "invalid hostname: \"\(name)\"",
                    at: key.range.lowerBound,
                    hint: "a host's name has neither ':' nor '@'"
                )
            }
            guard let text = reader.string(value) else { return }
            guard let range = AddressRange(text: text.trimmingBlanks) else {
                reader.collector.add(
                    "hostname contains invalid IP address: hostname \"\(name)\" address \"\(text)\"",
                    at: value.range.lowerBound
                )
                return
            }
            reader.syntax.hosts[name] = range
        }
    }

    mutating func readTagOwners(_ value: HuJSONValue) {
        forEachName(of: value, in: "tagOwners") { reader, name, key, value in
            if let fault = Self.tagFault(name) {
                reader.collector.add("tagOwners[\"\(name)\"]: \(fault)", at: key.range.lowerBound)
            }
            let owners = value.isNull ? [] : reader.aliases(value)
            reader.syntax.tagOwners.append(PolicySyntax.Named(name: name, offset: key.range.lowerBound, values: owners))
        }
    }

    /// What is wrong with the name of a tag.
    ///
    /// - Source: `tailcfg.CheckTag`; dots and underscores are let through, for headscale does.
    static func tagFault(_ tag: String) -> String? {
        guard tag.hasPrefix("tag:") else { return "tags must start with 'tag:'" }
        let name = tag.utf8.dropFirst("tag:".utf8.count)
        guard let first = name.first else { return "tag names must not be empty" }
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
        guard isLetter(first) else { return "tag names must start with a letter, after 'tag:'" }
        let others = Set("0123456789-_.".utf8)
        guard name.allSatisfy({ isLetter($0) || others.contains($0) }) else {
            return "tag names can only contain numbers, letters, or dashes"
        }
        return nil
    }

    mutating func readPostures(_ value: HuJSONValue) {
        forEachName(of: value, in: "postures") { reader, name, key, value in
            if !name.hasPrefix("posture:") {
                reader.collector.add(
                    "posture must start with 'posture:', got: \"\(name)\"",
                    at: key.range.lowerBound,
                    hint: "write \"posture:\(name)\""
                )
            }
            var conditions: [PostureCondition] = []
            let lines = reader.strings(value)
            if lines.count > PolicyLimits.conditionsMax {
                reader.collector.add(
                    "more than \(PolicyLimits.conditionsMax) conditions in one posture",
                    at: key.range.lowerBound,
                    hint: "IN and NOT IN compare with many values at once"
                )
                return
            }
            for line in lines {
                do throws(SyntaxFailure) {
                    conditions.append(try PostureParser.parse(line.value))
                } catch {
                    reader.collector.add(error, at: line.offset)
                }
            }
            reader.syntax.postures[name] = conditions
        }
    }

    mutating func readAddressSets(_ value: HuJSONValue) {
        forEachName(of: value, in: "ipsets") { reader, name, key, value in
            if !name.hasPrefix("ipset:") {
                reader.collector.add(
                    "IP set must start with 'ipset:', got: \"\(name)\"",
                    at: key.range.lowerBound,
                    hint: "write \"ipset:\(name)\""
                )
            }
            var terms: [PolicySyntax.Placed<PolicySyntax.AddressSetTerm>] = []
            let lines = reader.strings(value)
            if lines.count > PolicyLimits.addressSetTermsMax
                || reader.syntax.addressSets.count >= PolicyLimits.addressSetsMax
            {
                reader.collector.add(
                    "at most \(PolicyLimits.addressSetsMax) IP sets with \(PolicyLimits.addressSetTermsMax) entries each",
                    at: key.range.lowerBound,
                    hint: "join neighbouring addresses into ranges or prefixes"
                )
                return
            }
            for line in lines {
                if let term = reader.addressSetTerm(line) { terms.append(term) }
            }
            reader.syntax.addressSets.append(
                PolicySyntax.Named(name: name, offset: key.range.lowerBound, values: terms)
            )
        }
    }

    private mutating func addressSetTerm(
        _ line: PolicySyntax.Placed<String>
    ) -> PolicySyntax.Placed<PolicySyntax.AddressSetTerm>? {
        var text = line.value.trimmingBlanks
        let isRemoval = text.hasPrefix("remove ")
        if isRemoval || text.hasPrefix("add ") { text = text.drop { $0 != " " }.trimmingBlanks }
        guard let target = alias(text, at: line.offset) else { return nil }
        switch target.value {
        case .addresses, .host, .ipset, .autogroup(.internet): break
        default:
            collector.add(
                "\"\(text)\" cannot be in an IP set",
                at: line.offset,
                hint: "only addresses, prefixes, hosts, other IP sets and autogroup:internet can"
            )
            return nil
        }
        return PolicySyntax.Placed(
            value: PolicySyntax.AddressSetTerm(isRemoval: isRemoval, target: target.value),
            offset: line.offset
        )
    }

    mutating func readAutoApprovers(_ value: HuJSONValue) {
        let keys = ["routes", "exitNode", "services"]
        forEachMember(of: value, known: keys, in: "autoApprovers") { reader, key, value in
            switch key {
            case "exitNode": reader.syntax.exitNodeApprovers = reader.aliases(value)
            case "services":
                reader.forEachName(of: value, in: "services") { reader, name, key, value in
                    let approvers = reader.aliases(value)
                    reader.syntax.serviceApprovers.append(
                        PolicySyntax.Named(name: name, offset: key.range.lowerBound, values: approvers)
                    )
                }
            default:
                reader.forEachName(of: value, in: "routes") { reader, name, key, value in
                    let approvers = reader.aliases(value)
                    guard let prefix = IPPrefix(text: name) ?? IPAddress(text: name).map(IPPrefix.init(single:)) else {
                        reader.collector.add("invalid prefix: \"\(name)\"", at: key.range.lowerBound)
                        return
                    }
                    reader.syntax.routeApprovers.append((prefix, approvers))
                }
            }
        }
    }
}
