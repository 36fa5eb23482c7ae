// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes
import NeedleWire

/// Turns the values of a policy text into ``PolicySyntax``, noting whatever does not fit and reading on.
struct PolicyReader {
    var syntax = PolicySyntax()
    var collector = FindingCollector()
    /// Names that were read before; a policy says the same few again and again.
    private var known: [String: Alias] = [:]

    private static let keys = [
        "groups", "hosts", "tagOwners", "acls", "grants", "ssh", "nodeAttrs", "autoApprovers", "tests", "sshTests",
        "postures", "defaultSrcPosture", "attrConfig", "ipsets", "randomizeClientPort", "disableIPv4", "OneCGNATRoute",
        "derpMap", "extraDNSRecords",
    ]

    mutating func read(_ root: HuJSONValue) {
        forEachMember(of: root, known: Self.keys, in: "a policy") { reader, key, value in
            reader.readSection(key, value)
        }
    }

    private mutating func readSection(_ key: String, _ value: HuJSONValue) {
        switch key {
        case "groups": readGroups(value)
        case "hosts": readHosts(value)
        case "tagOwners": readTagOwners(value)
        case "acls": syntax.accessRules = list(value) { $0.readAccessRule($1) }
        case "grants": syntax.grants = list(value) { $0.readGrant($1) }
        case "ssh": syntax.ssh = list(value) { $0.readSSH($1) } ?? []
        case "nodeAttrs": syntax.nodeAttributes = list(value) { $0.readNodeAttributes($1) } ?? []
        case "autoApprovers": readAutoApprovers(value)
        case "tests": syntax.tests = list(value, max: PolicyLimits.testsMax) { $0.readTest($1) } ?? []
        case "sshTests": syntax.sshTests = list(value, max: PolicyLimits.testsMax) { $0.readSSHTest($1) } ?? []
        case "postures": readPostures(value)
        case "defaultSrcPosture": syntax.defaultPostures = strings(value)
        case "ipsets": readAddressSets(value)
        case "randomizeClientPort": syntax.randomizesClientPort = bool(value) ?? false
        case "disableIPv4": syntax.disablesIPv4 = bool(value) ?? false
        default: syntax.unobeyed.append(PolicySyntax.Placed(value: key, offset: value.range.lowerBound))
        }
    }

    // MARK: - Values of one kind

    /// Calls `body` for each member, by the key's usual spelling; unknown keys are findings, and so is a key twice.
    mutating func forEachMember(
        of value: HuJSONValue,
        known keys: [String],
        in what: String,
        _ body: (inout Self, String, HuJSONValue) -> Void
    ) {
        guard let members = value.members else {
            collector.add("expected an object for \(what)", at: value.range.lowerBound)
            return
        }
        // One bit for each key.
        var seen: UInt64 = 0
        for (name, value) in members {
            let written = name.string ?? ""
            guard written.utf8.first != UInt8(ascii: "#") else { continue }
            guard
                let index = keys.firstIndex(of: written)
                    ?? keys.firstIndex(where: { $0.lowercased() == written.lowercased() })
            else {
                let nearest = NearestName.of(written, among: keys)
                collector.add(
                    "unknown field: \"\(written)\"",
                    at: name.range.lowerBound,
                    hint: nearest.map { "did you mean \"\($0)\"?" }
                        ?? "\(what) may have: \(keys.joined(separator: ", "))"
                )
                continue
            }
            let key = keys[index]
            if seen & (1 << UInt64(index)) != 0 {
                collector.add("\"\(key)\" stands here a second time", at: name.range.lowerBound)
            }
            seen |= 1 << UInt64(index)
            if !value.isNull { body(&self, key, value) }
        }
    }

    /// Calls `body` for each member of an object whose keys are names.
    mutating func forEachName(
        of value: HuJSONValue,
        in what: String,
        _ body: (inout Self, String, HuJSONValue, HuJSONValue) -> Void
    ) {
        guard let members = value.members else {
            collector.add("expected an object for \"\(what)\"", at: value.range.lowerBound)
            return
        }
        var seen: Set<String> = []
        for (name, value) in members {
            let written = (name.string ?? "").trimmingBlanks
            if !seen.insert(written).inserted {
                collector.add("\(what)[\"\(written)\"] stands here a second time", at: name.range.lowerBound)
            }
            body(&self, written, name, value)
        }
    }

    mutating func list<Element>(
        _ value: HuJSONValue,
        max: Int = PolicyLimits.rulesMax,
        _ read: (inout Self, HuJSONValue) -> Element?
    ) -> [Element]? {
        guard let elements = value.elements else {
            collector.add("expected a list", at: value.range.lowerBound, hint: "put it in brackets")
            return nil
        }
        var result: [Element] = []
        for element in elements {
            guard result.count < max else {
                collector.add(
                    "more than \(max) entries in one list",
                    at: element.range.lowerBound,
                    hint: "one rule can name many sources and destinations, and a group may hold many users"
                )
                break
            }
            if let read = read(&self, element) { result.append(read) }
        }
        return result
    }

    mutating func string(_ value: HuJSONValue) -> String? {
        guard let string = value.string else {
            collector.add("expected a string", at: value.range.lowerBound, hint: "put it in double quotes")
            return nil
        }
        return string
    }

    mutating func bool(_ value: HuJSONValue) -> Bool? {
        guard let bool = value.bool else {
            collector.add("expected true or false", at: value.range.lowerBound)
            return nil
        }
        return bool
    }

    mutating func strings(_ value: HuJSONValue) -> [PolicySyntax.Placed<String>] {
        list(value) { reader, element in
            reader.string(element).map { PolicySyntax.Placed(value: $0, offset: element.range.lowerBound) }
        } ?? []
    }

    mutating func alias(_ value: HuJSONValue) -> PolicySyntax.PlacedAlias? {
        guard let text = string(value) else { return nil }
        return alias(text, at: value.range.lowerBound)
    }

    mutating func alias(_ text: String, at offset: Int) -> PolicySyntax.PlacedAlias? {
        if let alias = known[text] { return PolicySyntax.Placed(value: alias, offset: offset) }
        if let alias = Alias(text) {
            known[text] = alias
            return PolicySyntax.Placed(value: alias, offset: offset)
        }
        guard text.hasPrefix("autogroup:") else {
            collector.add(
                "invalid alias format: \"\(text)\"",
                at: offset,
                hint: "a user has an @, groups begin with group:, tags with tag:"
            )
            return nil
        }
        let names = Autogroup.allCases.map(\.rawValue)
        collector.add(
            "invalid autogroup: got \"\(text)\", must be one of [\(names.joined(separator: " "))]",
            at: offset,
            hint: NearestName.of(text, among: names).map { "did you mean \"\($0)\"?" }
        )
        return nil
    }

    mutating func aliases(_ value: HuJSONValue) -> [PolicySyntax.PlacedAlias] {
        let aliases = list(value) { $0.alias($1) } ?? []
        if aliases.count > PolicyLimits.namesMax {
            collector.add(
                "more than \(PolicyLimits.namesMax) names in one list",
                at: value.range.lowerBound,
                hint: "put them into a group or an IP set"
            )
        }
        return aliases
    }

    /// The JSON values in a list; `null` is an empty one.
    mutating func rawValues(_ value: HuJSONValue) -> [RawJSON] {
        if value.isNull { return [] }
        return list(value) { RawJSON($1.standardJSON) } ?? []
    }
}
