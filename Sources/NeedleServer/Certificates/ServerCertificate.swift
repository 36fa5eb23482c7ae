// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NIOSSL
internal import NeedleStorage
internal import NeedleTransport
internal import NeedleTypes

/// The certificate that the server presents, and the bytes that relays are pinned by.
struct ServerCertificate {
    /// For the listener.
    let context: NIOSSLContext
    /// The leaf as DER, if the server made it itself.
    let generatedLeaf: [UInt8]?

    /// Reads the certificate that `tls` names, making it first if it is the server's own.
    ///
    /// - Throws: ``ServerError`` that names the file and what is wrong with it.
    init(_ tls: Configuration.TLS, hosts: [String], now: Timestamp) throws {
        let isGenerated: Bool
        let paths: (certificate: String, key: String)
        switch tls.source {
        case .files(let certificate, let privateKey):
            isGenerated = false
            paths = (certificate, privateKey)
        case .generated(let certificate, let privateKey):
            isGenerated = true
            paths = (certificate, privateKey)
            try Self.generateIfMissing(paths, hosts: hosts, now: now)
        }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(paths.certificate)
            let key = try NIOSSLPrivateKey(file: paths.key, format: .pem)
            context = try TLSContext.server(chain: chain, key: key)
            generatedLeaf = isGenerated ? try chain.first?.toDERBytes() : nil
        } catch {
            throw ServerError(
                "the TLS certificate \(paths.certificate) with the key \(paths.key) cannot be used (\(error)); both must be PEM files that belong together"
            )
        }
    }

    private static func generateIfMissing(
        _ paths: (certificate: String, key: String),
        hosts: [String],
        now: Timestamp
    ) throws {
        let files = FileManager.default
        if files.fileExists(atPath: paths.certificate), files.fileExists(atPath: paths.key) { return }
        let pem = try GeneratedCertificate.make(hosts: hosts, now: now)
        try PrivateFile.write(Array(pem.privateKey.utf8), to: paths.key, called: "TLS key")
        try PrivateFile.write(Array(pem.certificate.utf8), to: paths.certificate, called: "TLS certificate")
    }
}
