// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
package import NeedleWire

extension DERPRegion {
    /// The region of the relay inside this server, as clients are told of it; nothing if they are not.
    ///
    /// The relay is where the server is: at the host and port of `server_url`. Clients speak TLS to it in any case. When
    /// `server_url` says `http`, nothing stands before the server that could bring a certificate of its own, so clients
    /// are told to expect exactly the generated one. When it says `https`, they reached the server through a certificate
    /// that they trust, and the relay is behind the same.
    ///
    /// - Source: tailcfg.DERPNode.CertName; derp/derphttp for `sha256-raw:`.
    ///
    /// - Parameters:
    ///   - configuration: with the ports that were really bound, where 0 was asked for.
    ///   - generatedCertificate: the SHA-256 of the leaf's DER, if the server made its certificate itself.
    package init?(embeddedBy configuration: Configuration, generatedCertificate: [UInt8]? = nil) {
        let server = configuration.derp.server
        guard server.enabled, server.addsRegionToMap else { return nil }
        let url = configuration.serverURL
        let isPinned = url.scheme == .http && configuration.tls.certificatePath.isEmpty
        let fingerprint = isPinned ? generatedCertificate.map { Hex.encode($0) } : nil
        self.init(
            regionID: server.regionID,
            regionCode: server.regionCode,
            regionName: server.regionName,
            nodes: [
                DERPNode(
                    name: String(server.regionID),
                    regionID: server.regionID,
                    hostName: url.host,
                    certName: fingerprint.map { "sha256-raw:\($0)" } ?? "",
                    ipv4: server.ipv4.isEmpty ? Self.literal(url.host, .v4) : server.ipv4,
                    ipv6: server.ipv6.isEmpty ? Self.literal(url.host, .v6) : server.ipv6,
                    stunPort: server.stunListenAddress.map { Int($0.port) } ?? -1,
                    derpPort: Int(url.port)
                )
            ]
        )
    }

    /// The host itself if it is an address of the family, `none` if it is one of the other, so that nothing is looked up.
    private static func literal(_ host: String, _ family: IPAddress.Family) -> String {
        guard let address = IPAddress(text: host) else { return "" }
        return address.family == family ? host : "none"
    }
}
