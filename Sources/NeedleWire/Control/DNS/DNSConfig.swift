// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How a node resolves names; it replaces the one before as a whole.
///
/// - Source: tailcfg.DNSConfig.
package struct DNSConfig: Hashable, Sendable {
    /// Servers for all names; absent means the machine's own.
    package var resolvers: [Resolver] = []
    /// Servers for names below a suffix; an empty list means MagicDNS answers them itself.
    ///
    /// Absent means no suffix is special.
    package var routes: [String: [Resolver]] = [:]
    /// Servers for systems that cannot split DNS; absent means the machine's own.
    package var fallbackResolvers: [Resolver] = []
    /// The search list, without trailing dots; absent means none.
    package var domains: [String] = []
    /// Whether MagicDNS is on; absent means no.
    package var proxied = false
    /// Names that the node may get certificates for; absent means none.
    package var certDomains: [String] = []
    /// More names for MagicDNS; absent means none.
    package var extraRecords: [DNSRecord] = []
    /// Suffixes that an exit node must not resolve for others; absent means none.
    package var exitNodeFilteredSet: [String] = []

    /// What is not given is left at the value that stands for "absent".
    package init(
        resolvers: [Resolver] = [],
        routes: [String: [Resolver]] = [:],
        fallbackResolvers: [Resolver] = [],
        domains: [String] = [],
        proxied: Bool = false,
        certDomains: [String] = [],
        extraRecords: [DNSRecord] = [],
        exitNodeFilteredSet: [String] = []
    ) {
        self.resolvers = resolvers
        self.routes = routes
        self.fallbackResolvers = fallbackResolvers
        self.domains = domains
        self.proxied = proxied
        self.certDomains = certDomains
        self.extraRecords = extraRecords
        self.exitNodeFilteredSet = exitNodeFilteredSet
    }
}

extension DNSConfig: JSONCoded {
    private enum Field: String, JSONField {
        case resolvers = "Resolvers"
        case routes = "Routes"
        case fallbackResolvers = "FallbackResolvers"
        case domains = "Domains"
        case proxied = "Proxied"
        case certDomains = "CertDomains"
        case extraRecords = "ExtraRecords"
        case exitNodeFilteredSet = "ExitNodeFilteredSet"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .resolvers: resolvers = try reader.list(max: WireLimits.serverListMax) ?? []
            case .routes: routes = try reader.dictionaryOfLists(max: WireLimits.serverListMax) ?? [:]
            case .fallbackResolvers: fallbackResolvers = try reader.list(max: WireLimits.serverListMax) ?? []
            case .domains: domains = try reader.list(max: WireLimits.serverListMax) ?? []
            case .proxied: proxied = try reader.value() ?? false
            case .certDomains: certDomains = try reader.list(max: WireLimits.serverListMax) ?? []
            case .extraRecords: extraRecords = try reader.list(max: WireLimits.serverListMax) ?? []
            case .exitNodeFilteredSet: exitNodeFilteredSet = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Resolvers", ifNotEmpty: resolvers)
        if !routes.isEmpty { writer.field("Routes", lists: routes) }
        writer.field("FallbackResolvers", ifNotEmpty: fallbackResolvers)
        writer.field("Domains", ifNotEmpty: domains)
        writer.field("Proxied", ifTrue: proxied)
        writer.field("CertDomains", ifNotEmpty: certDomains)
        writer.field("ExtraRecords", ifNotEmpty: extraRecords)
        writer.field("ExitNodeFilteredSet", ifNotEmpty: exitNodeFilteredSet)
        writer.endObject()
    }
}
