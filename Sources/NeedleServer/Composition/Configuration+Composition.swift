// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Crypto
internal import Foundation
internal import NeedleTransport
internal import NeedleTypes
internal import NeedleWire

extension Configuration {
    /// What a generated certificate is for.
    var certificateHosts: [String] {
        var hosts = [serverURL.host]
        for host in ["localhost", "127.0.0.1"] where !hosts.contains(host) { hosts.append(host) }
        return hosts
    }

    /// The relays in force, before anything was fetched.
    func derpMapRefresher(_ certificate: ServerCertificate) throws -> DERPMapRefresher {
        let digest = certificate.generatedLeaf.map { Array(SHA256.hash(data: $0)) }
        let files = try derp.paths.map { path in
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw ServerError(
                    "the relay map \(path) of derp.paths cannot be read; check the path and its permissions"
                )
            }
            return try DERPMapLayer(yaml: text, source: path)
        }
        return try DERPMapRefresher(
            urls: derp.urls,
            files: files,
            embedded: DERPRegion(embeddedBy: self, generatedCertificate: digest)
        )
    }

    /// Takes over the ports that were really bound, where any free one was asked for.
    mutating func adopt(listenerPort: UInt16, stunPort: UInt16?) {
        if listenAddress.port == 0 {
            listenAddress = ListenAddress(host: listenAddress.host, port: listenerPort)
            if serverURL.port == 0 { serverURL = ServerURL(derivedFrom: listenAddress) }
        }
        if let stunPort, let address = derp.server.stunListenAddress, address.port == 0 {
            derp.server.stunListenAddress = ListenAddress(host: address.host, port: stunPort)
        }
    }
}

extension ListenAddress {
    /// What the socket is bound to; no host means every address.
    var bindHost: String { host.isEmpty || host == "*" ? "0.0.0.0" : host }
}

extension TransportLimits {
    /// The numbers that `limits.*` sets, and the defaults for all others.
    init(_ limits: Configuration.Limits) {
        self.init()
        connectionsMax = limits.connections
        connectionsPerAddressMax = limits.connectionsPerAddress
        streamsMax = limits.streamsPerConnection
        bodyBytesMax = limits.requestBytes
        innerBodyBytesMax = limits.requestBytes
    }
}

extension TailnetWriter.Limits {
    /// The numbers that `limits.*` sets, and the defaults for all others.
    init(_ configuration: Configuration) {
        self.init()
        queuedCommandsMax = configuration.limits.commandQueue
    }
}
