// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HuJSON
internal import NeedleTypes

/// What a policy says about who may reach whom, read without any cleverness.
///
/// This shares nothing with the server's policy engine but the JSON parser, so that what a run must see is computed by
/// other code than what is measured. It knows the policies of headscale, and says so when one uses more.
package struct PlainPolicy: Equatable, Sendable {
    /// An entry of `acls` or `grants`.
    package struct Rule: Equatable, Sendable {
        /// Who may.
        package var sources: [String]
        /// What they may reach, and what of it: ports and protocols, as text that is only compared.
        package var destinations: [Destination]
        /// Whether only subnet routers are reached, which no planned fleet has.
        package var isVia = false
    }

    /// One destination of a rule.
    package struct Destination: Equatable, Hashable, Sendable {
        /// Who or what.
        package var alias: String
        /// Ports and protocols.
        package var ports: String
    }

    /// By `group:` name.
    package var groups: [String: [String]] = [:]
    /// By name.
    package var hosts: [String: String] = [:]
    /// The tags that have owners.
    package var taggable: [String] = []
    /// In the order of the text.
    package var rules: [Rule] = []
    /// What is odd about it, and what to do: sentences without the policy's name.
    package private(set) var warnings: [String] = []

    /// Sections that policies have, as they are usually written.
    private static let sections = [
        "acls", "grants", "groups", "hosts", "tagOwners", "autoApprovers", "ssh", "nodeAttrs", "tests", "sshTests",
        "ipsets", "postures", "defaultSrcPosture", "attrConfig", "derpMap", "extraDNSRecords", "randomizeClientPort",
        "disableIPv4", "OneCGNATRoute",
    ]

    /// Reads a policy.
    ///
    /// - Throws: ``PlanError`` for what is no policy, or uses what planning does not know.
    package init(_ text: String) throws(PlanError) {
        let members = try HuJSONDocument.sections(ofPolicy: text)
        var saysRules = false
        for (name, value) in members {
            switch name.string?.lowercased() {
            case "groups": groups = Self.lists(value)
            case "tagowners": taggable = Self.lists(value).keys.sorted()
            case "hosts":
                for (name, value) in Self.members(value) {
                    if let name = name.string, let prefix = value.string { hosts[name] = prefix }
                }
            case "acls", "grants":
                saysRules = true
                for entry in value.elements.map(Self.all) ?? [] { rules.append(try Self.rule(entry)) }
            case "ipsets", "postures", "defaultsrcposture":
                guard !Self.isEmpty(value) else { continue }
                throw PlanError("the policy's '\(name.string ?? "")' is not understood by 'swarm plan'; take it out")
            default: noteIfUnknown(name)
            }
        }
        if !saysRules, !warnings.isEmpty {
            warnings.append("it has neither 'acls' nor 'grants', so that everybody sees everybody")
        }
        // A policy without either allows everything; an empty list allows nothing.
        if !saysRules { rules = [Rule(sources: ["*"], destinations: [Destination(alias: "*", ports: "*")])] }
    }

    /// Takes note of a section that no policy has; names that begin with `#` are comments.
    private mutating func noteIfUnknown(_ name: HuJSONValue) {
        let text = name.string ?? ""
        guard !text.hasPrefix("#"), !Self.sections.contains(where: { $0.lowercased() == text.lowercased() }) else {
            return
        }
        let near = Self.sections.first { Self.isSlip(text, for: $0) }
        let advice = near.map { "did you mean '\($0)'?" } ?? "take it out, or write it as a comment"
        let place = "line \(name.position.line)"
        warnings.append("\(place): '\(text)' is no section of a policy, and is passed over; \(advice)")
    }

    /// Whether one letter was left out, put in or changed, or two neighbours were exchanged.
    private static func isSlip(_ text: String, for other: String) -> Bool {
        let (left, right) = (Array(text.lowercased().utf8), Array(other.lowercased().utf8))
        return abs(left.count - right.count) <= 1 && EditDistance.between(left, right) == 1
    }

    private static func members(_ value: HuJSONValue) -> [(name: HuJSONValue, value: HuJSONValue)] {
        value.members.map { Array($0) } ?? []
    }

    private static func all(_ values: HuJSONValue.Children) -> [HuJSONValue] { Array(values) }

    private static func isEmpty(_ value: HuJSONValue) -> Bool {
        value.isNull || value.members?.first { _ in true } == nil && value.elements?.first { _ in true } == nil
    }

    private static func lists(_ value: HuJSONValue) -> [String: [String]] {
        var lists: [String: [String]] = [:]
        for (name, list) in members(value) {
            if let name = name.string { lists[name] = strings(list) }
        }
        return lists
    }

    private static func strings(_ value: HuJSONValue?) -> [String] {
        value?.elements?.compactMap(\.string) ?? []
    }

    private static func rule(_ entry: HuJSONValue) throws(PlanError) -> Rule {
        var fields: [String: HuJSONValue] = [:]
        for (name, value) in members(entry) {
            if let name = name.string { fields[name.lowercased()] = value }
        }
        guard fields["srcposture"].map(isEmpty) ?? true else {
            throw PlanError("a rule has 'srcPosture', which 'swarm plan' does not understand; take it out")
        }
        let sources = strings(fields["src"] ?? fields["users"])
        let destinations = strings(fields["dst"] ?? fields["ports"])
        let isGrant = fields["ip"] != nil || fields["app"] != nil
        guard !isGrant else {
            let what = [fields["ip"], fields["app"]].compactMap { $0?.source }.joined(separator: " ")
            return Rule(
                sources: sources,
                destinations: destinations.map { Destination(alias: $0, ports: what) },
                isVia: !strings(fields["via"]).isEmpty
            )
        }
        let transport = fields["proto"]?.string.map { $0 + "/" } ?? ""
        var parsed: [Destination] = []
        for destination in destinations {
            guard let colon = destination.lastIndex(of: ":") else {
                throw PlanError("the destination '\(destination)' has no ports; write '\(destination):*'")
            }
            var alias = destination[..<colon]
            if alias.hasPrefix("["), alias.hasSuffix("]") { alias = alias.dropFirst().dropLast() }
            parsed.append(
                Destination(alias: String(alias), ports: transport + destination[destination.index(after: colon)...])
            )
        }
        return Rule(sources: sources, destinations: parsed)
    }

    /// Every alias that a rule, a group or a tag's owner names.
    var aliases: Set<String> {
        var aliases = Set(rules.flatMap { $0.sources + $0.destinations.map(\.alias) })
        aliases.formUnion(groups.keys)
        aliases.formUnion(groups.values.joined())
        aliases.formUnion(taggable)
        return aliases
    }

    /// The prefix that an alias stands for, if it is an address, a prefix or a host.
    func prefixText(_ alias: String) -> String {
        hosts[alias.hasPrefix("host:") ? String(alias.dropFirst(5)) : alias] ?? alias
    }
}
