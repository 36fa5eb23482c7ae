// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleTypes
internal import NeedleWire

extension TailnetSettings {
    /// What `configuration` says about the tailnet, with `derpMap` as its relays.
    init(_ configuration: Configuration, derpMap: DERPMap) {
        self.init(
            prefixV4: configuration.prefixes.v4,
            prefixV6: configuration.prefixes.v6,
            baseDomain: configuration.dns.baseDomain,
            domain: configuration.serverURL.host,
            dns: DNSConfig(configuration.dns, prefixes: [configuration.prefixes.v4, configuration.prefixes.v6]),
            derpMap: derpMap,
            ephemeralTimeout: configuration.node.ephemeralInactivityTimeout
        )
        allocation = configuration.prefixes.allocation == .random ? .random : .sequential
        nodeExpiry = configuration.node.expiry > .zero ? configuration.node.expiry : nil
        allowsTaildrop = configuration.clients.taildrop
        autoUpdates = configuration.clients.autoUpdate
        serverURL = configuration.serverURL.description
        allowsLogTail = configuration.clients.logtail
        serverURL = configuration.serverURL.description
    }
}

extension DNSConfig {
    /// What every client is told about names.
    ///
    /// - Source: reference 1h: global resolvers replace the machine's own, or back them up; split ones answer for their
    ///   domains; the base domain is always searched first. MagicDNS answers for the addresses of `prefixes` as well,
    ///   unless the configuration names servers for their zones.
    init(_ dns: Configuration.DNS, prefixes: [IPPrefix?]) {
        let global = dns.globalNameservers.map { Resolver(addr: $0) }
        let reverse = dns.magicDNS ? prefixes.compactMap(\.self).flatMap(\.reverseZones) : []
        let split = dns.splitNameservers.mapValues { $0.map { Resolver(addr: $0) } }
        self.init(
            resolvers: dns.overrideLocalDNS ? global : [],
            routes: split.merging(reverse.map { ($0, []) }) { named, _ in named },
            fallbackResolvers: dns.overrideLocalDNS ? [] : global,
            domains: (dns.magicDNS && !dns.baseDomain.isEmpty ? [dns.baseDomain] : []) + dns.searchDomains,
            proxied: dns.magicDNS,
            extraRecords: dns.extraRecords.map {
                DNSRecord(name: $0.name, type: $0.kind.rawValue, value: $0.value.description)
            }
        )
    }
}
