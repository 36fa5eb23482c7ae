// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

/// Resolvers of NextDNS, which each node asks with its own profile and description.
///
/// - Source: https://tailscale.com/kb/1218/nextdns; headscale adds the same parameters.
enum NextDNS {
    private static let address = "https://dns.nextdns.io"
    private static let attribute = "nextdns:"
    private static let silence = "nextdns:no-device-info"

    /// Whether `dns` has such a resolver, so that each node is told something else.
    static func isUsed(by dns: DNSConfig) -> Bool {
        (dns.resolvers + dns.fallbackResolvers + dns.routes.values.joined()).contains { $0.addr.hasPrefix(address) }
    }

    /// `dns` as `node`, which has `capabilities`, is told it.
    static func configuration(_ dns: DNSConfig, for node: NodeVersion, _ capabilities: CapMap) -> DNSConfig {
        let profile = capabilities.keys.sorted().first { $0.hasPrefix(attribute) && $0 != silence }
            .map { String($0.dropFirst(attribute.count)) }
        let query = capabilities[silence] == nil ? description(of: node) : ""
        func own(_ resolvers: [Resolver]) -> [Resolver] {
            resolvers.map { resolver in
                guard resolver.addr.hasPrefix(address) else { return resolver }
                var own = resolver
                own.addr = (profile.map { "\(address)/\($0)" } ?? resolver.addr) + query
                return own
            }
        }
        var result = dns
        result.resolvers = own(dns.resolvers)
        result.fallbackResolvers = own(dns.fallbackResolvers)
        result.routes = dns.routes.mapValues(own)
        return result
    }

    private static func description(of node: NodeVersion) -> String {
        let fields = [
            ("device_ip", node.addresses.first?.description ?? ""),
            ("device_model", node.record.soft.hostinfo.os),
            ("device_name", node.record.givenName),
        ]
        let present = fields.filter { !$0.1.isEmpty }.map { "\($0.0)=\(escaped($0.1))" }
        return present.isEmpty ? "" : "?" + present.joined(separator: "&")
    }

    /// `text` with everything escaped that may not stand in a query (RFC 3986, section 2.3).
    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

extension Tailnet {
    /// How names are resolved at `node`, if that is not the same everywhere.
    func ownDNS(of node: NodeVersion) -> DNSConfig? {
        guard let dns = settings.dns, NextDNS.isUsed(by: dns) else { return nil }
        return NextDNS.configuration(dns, for: node, policy.capabilities(of: node.slot))
    }
}
