// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
package import NIOSSL

/// Makes the TLS side of a listener.
package enum TLSContext {
    /// A server context for this chain and key: TLS 1.2 and later, `http/1.1` offered by ALPN but not asked for.
    ///
    /// A client that does not answer the end of TLS is waited for no longer than a second. No HTTP/2 outside of Noise: nobody needs it, and a client that negotiated it could not upgrade.
    ///
    /// - Throws: `NIOSSLError` if the key does not fit the chain.
    package static func server(
        chain: [NIOSSLCertificate],
        key: NIOSSLPrivateKey
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.shutdownTimeout = .seconds(1)
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}
