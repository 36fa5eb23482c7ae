// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

// Kinds of key with many values.

extension KeySetting {
    /// How many elements a list may have.
    static let maximumElements = 4096

    /// The texts of a list; a single text is split at commas and white space, as from the environment.
    static func texts(_ node: YAMLNode) throws(KeyProblem) -> [String] {
        switch node.content {
        case .null: return []
        case .text(let text): return text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init)
        case .mapping: throw KeyProblem("a section where a list belongs", "write the elements with dashes before them")
        case .list(let elements):
            guard elements.count <= maximumElements else {
                throw KeyProblem("more than \(maximumElements) elements", "shorten the list")
            }
            var texts: [String] = []
            for element in elements {
                guard case .text(let text) = element.content, !text.isEmpty else {
                    throw KeyProblem("\(element.kindName) inside the list", "write plain values behind the dashes")
                }
                texts.append(text)
            }
            return texts
        }
    }

    /// Texts, each of which `check` finds nothing wrong with.
    static func list(
        _ property: any ConfigurationProperty<[String]>,
        of shape: String = "texts",
        check: @escaping @Sendable (String) throws(KeyProblem) -> Void = { _ throws(KeyProblem) in }
    ) -> KeySetting {
        KeySetting(
            shape: "list of \(shape)",
            assign: { input, configuration throws(KeyProblem) in
                let list = try texts(input.node)
                for text in list { try check(text) }
                configuration[keyPath: property] = list
            },
            render: { $0[keyPath: property].joined(separator: ", ") }
        )
    }

    /// Files; what is relative starts from the folder of the configuration file.
    static func paths(_ property: any ConfigurationProperty<[String]>) -> KeySetting {
        KeySetting(
            shape: "list of paths",
            assign: { input, configuration throws(KeyProblem) in
                configuration[keyPath: property] = try texts(input.node).map { resolve($0, in: input.directory) }
            },
            render: { $0[keyPath: property].joined(separator: ", ") }
        )
    }

    /// Names and texts.
    static func dictionary(_ property: any ConfigurationProperty<[String: String]>) -> KeySetting {
        KeySetting(
            shape: "section of texts",
            isStructured: true,
            assign: { input, configuration throws(KeyProblem) in
                var result: [String: String] = [:]
                for entry in try entries(input.node) { result[entry.key] = try singleText(entry.value) }
                configuration[keyPath: property] = result
            },
            render: { render($0[keyPath: property]) { $0 } }
        )
    }

    /// Domains and the resolvers for each.
    static func resolversByDomain(_ property: any ConfigurationProperty<[String: [String]]>) -> KeySetting {
        KeySetting(
            shape: "section of lists of resolvers",
            isStructured: true,
            assign: { input, configuration throws(KeyProblem) in
                var result: [String: [String]] = [:]
                for entry in try entries(input.node) {
                    let domain = entry.key.lowercased()
                    try checkDomain(domain)
                    let resolvers = try texts(entry.value)
                    for resolver in resolvers { try checkResolver(resolver) }
                    guard result.updateValue(resolvers, forKey: domain) == nil else {
                        throw KeyProblem("the domain \(KeyProblem.quote(domain)) twice", "keep one of them")
                    }
                }
                configuration[keyPath: property] = result
            },
            render: { render($0[keyPath: property]) { $0.joined(separator: " ") } }
        )
    }

    private static func entries(_ node: YAMLNode) throws(KeyProblem) -> [YAMLNode.Entry] {
        switch node.content {
        case .null: return []
        case .mapping(let entries) where entries.count <= maximumElements: return entries
        case .mapping: throw KeyProblem("more than \(maximumElements) entries", "shorten the section")
        case .text, .list: throw KeyProblem("\(node.kindName) where a section belongs", "write names and values")
        }
    }

    private static func render<Value>(_ values: [String: Value], _ text: (Value) -> String) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
    }
}

// MARK: - DNS

extension KeySetting {
    static func checkDomain(_ text: String) throws(KeyProblem) {
        guard NetworkHost.isName(text), IPAddress(text: text) == nil else {
            throw KeyProblem("\(KeyProblem.quote(text)) is not a domain", "write such as corp.example.com")
        }
    }

    /// Refuses what a client could not ask: it takes addresses, `address:port`, and DNS over HTTPS.
    static func checkResolver(_ text: String) throws(KeyProblem) {
        if IPAddress(text: text) != nil || Endpoint(text: text) != nil { return }
        if let scheme = text.firstRange(of: "://") {
            let host = text[scheme.upperBound...].prefix(while: { $0 != "/" && $0 != "?" })
            let isPrintable = text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            if ["http", "https"].contains(text[..<scheme.lowerBound].lowercased()), !host.isEmpty, isPrintable {
                return
            }
        }
        throw KeyProblem(
            "\(KeyProblem.quote(text)) is not a resolver",
            "write an address such as 1.1.1.1, or a URL such as https://dns.example.com/dns-query"
        )
    }

    /// Names of the tailnet's own.
    static func records(_ property: any ConfigurationProperty<[Configuration.DNS.ExtraRecord]>) -> KeySetting {
        KeySetting(
            shape: "list of name, type, value",
            isStructured: true,
            assign: { input, configuration throws(KeyProblem) in
                switch input.node.content {
                case .null: configuration[keyPath: property] = []
                case .list(let elements) where elements.count <= maximumElements:
                    var records: [Configuration.DNS.ExtraRecord] = []
                    for element in elements { records.append(try record(element)) }
                    configuration[keyPath: property] = records
                default:
                    throw KeyProblem(
                        "\(input.node.kindName) where at most \(maximumElements) records belong",
                        "write a list of name, type and value"
                    )
                }
            },
            render: {
                $0[keyPath: property].map { "\($0.name) \($0.kind.rawValue) \($0.value)" }.joined(separator: ", ")
            }
        )
    }

    private static func record(_ node: YAMLNode) throws(KeyProblem) -> Configuration.DNS.ExtraRecord {
        var fields: [String: String] = [:]
        for entry in try entries(node) {
            let field = entry.key.lowercased()
            guard ["name", "type", "value"].contains(field) else {
                throw KeyProblem("\(KeyProblem.quote(entry.key)) in a record", "a record has name, type and value")
            }
            fields[field] = try singleText(entry.value)
        }
        let name = fields["name"] ?? ""
        try checkDomain(name.hasSuffix(".") ? String(name.dropLast()) : name)
        guard let value = IPAddress(text: fields["value"] ?? "") else {
            throw KeyProblem("the record \(KeyProblem.quote(name)) has no address", "set value to an IP address")
        }
        let kind: Configuration.DNS.ExtraRecord.Kind = value.family == .v4 ? .a : .aaaa
        guard fields["type", default: kind.rawValue].uppercased() == kind.rawValue else {
            throw KeyProblem(
                "the record \(KeyProblem.quote(name)) has another type than its address",
                "write type \(kind.rawValue) with \(value)"
            )
        }
        return Configuration.DNS.ExtraRecord(name: name, kind: kind, value: value)
    }
}
