// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HuJSON
internal import NeedleTypes

/// Writes a policy again with every name and address replaced, the same by the same, so that it can be shown to others.
///
/// What is kept is what decides who may reach whom: the rules and their order, who is in which group, which prefixes
/// contain which, ports, protocols, autogroups and the names of Tailscale's own capabilities. Comments go. Sections that
/// cannot change that, and could say anything, go too.
package struct PolicyAnonymizer {
    private var names: [String: String] = [:]
    private var counts: [String: Int] = [:]
    private let seed: String
    private var hosts: Set<String> = []

    /// Sections that are written again; the rest goes.
    private static let sections: Set<String> = [
        "groups", "tagowners", "hosts", "acls", "grants", "autoapprovers", "ssh", "nodeattrs",
    ]
    /// Members of rules that hold no names.
    private static let plain: Set<String> = ["action", "proto", "ip", "checkperiod"]

    /// One that gives the same names for the same seed.
    package init(seed: String) {
        self.seed = seed
    }

    /// The policy in other words; policies that are given one after another share their names.
    ///
    /// - Throws: ``PlanError`` if it is no HuJSON object.
    package mutating func anonymized(_ text: String) throws(PlanError) -> String {
        let members = try HuJSONDocument.sections(ofPolicy: text)
        var sections: [String] = []
        for (name, value) in members where name.string?.lowercased() == "hosts" {
            hosts.formUnion(value.members?.compactMap(\.name.string) ?? [])
        }
        for (name, value) in members {
            guard let key = name.string, Self.sections.contains(key.lowercased()) else { continue }
            sections.append("  \(JSONText.quoted(key)): \(rewritten(value, key: key.lowercased(), indent: 1))")
        }
        return "{\n\(sections.joined(separator: ",\n"))\n}\n"
    }

    // MARK: - Structure

    /// Lists of strings stay on one line.
    private mutating func rewritten(_ value: HuJSONValue, key: String, indent: Int) -> String {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        if let elements = value.elements {
            var parts: [String] = []
            var isFlat = true
            for element in elements {
                isFlat = isFlat && element.kind == .string
                parts.append(rewritten(element, key: key, indent: indent + 1))
            }
            return isFlat
                ? "[\(parts.joined(separator: ", "))]"
                : "[\n\(inner)\(parts.joined(separator: ",\n\(inner)"))\n\(outer)]"
        }
        if let members = value.members {
            var parts: [String] = []
            for (name, value) in members {
                guard let text = name.string, !text.hasPrefix("#") else { continue }
                // What capabilities say is for applications, and may hold anything.
                if key == "app" {
                    parts.append("\(JSONText.quoted(capability(text))): \(value.elements == nil ? "{}" : "[]")")
                    continue
                }
                let isStructure = Self.isStructure(text)
                let newName = isStructure ? text : alias(text)
                parts.append(
                    "\(JSONText.quoted(newName)): "
                        + rewritten(value, key: isStructure ? text.lowercased() : key, indent: indent + 1)
                )
            }
            return "{\n\(inner)\(parts.joined(separator: ",\n\(inner)"))\n\(outer)}"
        }
        guard let string = value.string else { return value.source }
        if key == "attr" { return JSONText.quoted(attribute(string)) }
        return JSONText.quoted(Self.plain.contains(key) ? string : word(string, key: key))
    }

    private static func isStructure(_ name: String) -> Bool {
        [
            "action", "src", "dst", "users", "ports", "proto", "ip", "app", "via", "srcposture", "checkperiod",
            "acceptenv", "routes", "exitnode", "target", "attr", "services",
        ].contains(name.lowercased())
    }

    // MARK: - Words

    private mutating func word(_ string: String, key: String) -> String {
        switch key {
        case "users": return login(string)
        case "acceptenv": return new("ENV", for: string)
        default: return alias(string)
        }
    }

    /// Log-in names of machines; in old rules `users` are sources.
    private mutating func login(_ string: String) -> String {
        if ["root", "*"].contains(string) || string.hasPrefix("autogroup:") { return string }
        if string.hasPrefix("localpart:*@") { return "localpart:*@" + domain(string.dropFirst("localpart:*@".count)) }
        if string.contains("@") || string.hasPrefix("group:") || string.hasPrefix("tag:") { return alias(string) }
        return new("login", for: string)
    }

    /// An alias, with or without ports.
    private mutating func alias(_ string: String) -> String {
        if string == "*" || string.hasPrefix("autogroup:") { return string }
        if let address = address(string) { return address }
        if hosts.contains(string) { return new("host-", for: string) }
        for kind in ["group:", "tag:", "ipset:", "svc:", "posture:", "host:"] where string.hasPrefix(kind) {
            let rest = string.dropFirst(kind.count)
            let (name, ports) = Self.split(rest)
            let text = kind == "host:" ? "host-" : String(kind.dropLast())
            return (kind == "host:" ? "host:" : kind) + new(text, for: String(name)) + ports
        }
        if string.hasPrefix("user:*@") { return "user:*@" + domain(string.dropFirst("user:*@".count)) }
        let (name, ports) = Self.split(string[...])
        if !ports.isEmpty { return alias(String(name)) + ports }
        if string.contains("@") { return user(string) }
        return new("host-", for: string)
    }

    private static func split(_ text: Substring) -> (name: Substring, ports: String) {
        guard let colon = text.lastIndex(of: ":") else { return (text, "") }
        return (text[..<colon], String(text[colon...]))
    }

    private mutating func user(_ string: String) -> String {
        guard let at = string.lastIndex(of: "@") else { return string }
        let rest = string[string.index(after: at)...]
        let name = new("user", for: string)
        return rest.isEmpty ? name + "@" : "\(name)@\(domain(rest))"
    }

    private mutating func domain(_ text: Substring) -> String {
        new("domain", for: String(text)) + ".example"
    }

    /// Attributes stay, but for the profile of an account with NextDNS.
    private mutating func attribute(_ text: String) -> String {
        let kind = "nextdns:"
        return text.hasPrefix(kind) && text != "nextdns:no-device-info" ? kind + new("profile", for: text) : text
    }

    /// Tailscale's own stay; others may be an organisation's.
    private mutating func capability(_ text: String) -> String {
        text.hasPrefix("tailscale.com/") ? text : new("cap", for: text) + ".example/cap"
    }

    private mutating func new(_ kind: String, for old: String) -> String {
        let key = kind + "\u{0}" + old
        if let known = names[key] { return known }
        counts[kind, default: 0] += 1
        let name = "\(kind)\(counts[kind] ?? 0)"
        names[key] = name
        return name
    }

    // MARK: - Addresses

    /// An address, prefix or range in other numbers, with or without ports; nil if the text is none.
    private func address(_ text: String) -> String? {
        if let prefix = IPPrefix(text: text) {
            guard let moved = IPPrefix(moved(prefix.address, length: prefix.length), length: prefix.length) else {
                return nil
            }
            return "\(moved)"
        }
        if let address = IPAddress(text: text) { return "\(moved(address, length: address.family.bitWidth))" }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = String(text[..<colon])
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        guard IPPrefix(text: host) != nil || IPAddress(text: host) != nil, let moved = address(host) else { return nil }
        return (isBracketed ? "[\(moved)]" : moved) + text[colon...]
    }

    /// Each bit is turned or not by what stands before it, so that prefixes contain what they contained; the first bits,
    /// which say what kind of address it is, stay.
    private func moved(_ address: IPAddress, length: Int) -> IPAddress {
        let width = address.family.bitWidth
        var bits = address.bits
        for position in Self.kept(address)..<max(length, Self.kept(address)) {
            let shift = width - position - 1
            let before = position == 0 ? 0 : address.bits >> UInt128(width - position)
            var random = PlanRandom(preset: "\(width)", seed: seed, purpose: "\(position) \(before)")
            if random.next() & 1 == 1 { bits ^= 1 << UInt128(shift) }
        }
        return IPAddress(family: address.family, bits: bits)
    }

    /// The bits that tell a private range from the rest.
    private static func kept(_ address: IPAddress) -> Int {
        let ranges = [
            "100.64.0.0/10", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
            "fd7a:115c:a1e0::/48", "fc00::/7", "fe80::/10",
        ]
        let range = ranges.compactMap { IPPrefix(text: $0) }.first { $0.contains(address) }
        return range?.length ?? (address.family == .v4 ? 16 : 16)
    }
}
