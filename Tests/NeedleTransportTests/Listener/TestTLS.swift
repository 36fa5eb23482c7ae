// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOSSL

@testable import NeedleTransport

/// A certificate for `localhost` that nobody trusts, and both ends of TLS with it.
///
/// Made once with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500`.
enum TestTLS {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUf8ygq7vwlacmLWR6vUnpCUBLL/QwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA2NDYyM1oYDzIxMjYxMDI4
        MDY0NjIzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASilV476Xl8xXBFv6KjiHp/HIiik3XYkeaFBPEr9T0KkeFIq5PKKIeA
        E1CbPkJrcc7jVcNFowc1U1fIHaS6pUrto28wbTAdBgNVHQ4EFgQUtjh+AEvzkpR3
        92K78dWfV0z6qSYwHwYDVR0jBBgwFoAUtjh+AEvzkpR392K78dWfV0z6qSYwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSAAwRQIgF92wv99PSsVyGsbB3+CokqtpNbJ6mp4k2sn83pc7sBECIQC5
        1SsZuf6YdBgqB/AQPa+wtdZsJXZW1WCs3GNUHs4ZwQ==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzZQCA03UklQtbUdF
        JithMA+GPGkUsL8r6tyj9OsdgUShRANCAASilV476Xl8xXBFv6KjiHp/HIiik3XY
        keaFBPEr9T0KkeFIq5PKKIeAE1CbPkJrcc7jVcNFowc1U1fIHaS6pUrt
        -----END PRIVATE KEY-----
        """

    static func server() throws -> NIOSSLContext {
        try TLSContext.server(
            chain: [NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem)],
            key: NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        )
    }

    static func clientHandler(
        minimum: TLSVersion = .tlsv12,
        maximum: TLSVersion? = nil,
        protocols: [String] = []
    ) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = minimum
        configuration.maximumTLSVersion = maximum
        configuration.applicationProtocols = protocols
        return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
    }
}
