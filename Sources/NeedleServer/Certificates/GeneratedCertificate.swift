// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Crypto
internal import Foundation
internal import NeedleTypes
internal import SwiftASN1
internal import X509

/// The self-signed certificate of a server that was given none.
///
/// Go clients pin it through the relay map (`sha256-raw:`, reference 5.7), and do not look at it on the control
/// connection, which Noise authenticates.
enum GeneratedCertificate {
    /// PEM of a certificate and its key.
    struct PEM {
        let certificate: String
        let privateKey: String
    }

    /// Clients refuse a pinned certificate outside its dates, and nobody renews it, so it lasts long.
    static let lifetime: Duration = .seconds(10 * 365 * 86400)

    /// Makes a certificate for `hosts`, names and addresses.
    static func make(hosts: [String], now: Timestamp) throws -> PEM {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName(hosts.first ?? "needletail") }
        let names = hosts.map { host -> GeneralName in
            guard let address = IPAddress(text: host) else { return .dnsName(host) }
            return .ipAddress(ASN1OctetString(contentBytes: address.bytes[...]))
        }
        let start = Date(timeIntervalSince1970: Double(now.seconds) - 86400)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: start,
            notValidAfter: start.addingTimeInterval(Double(lifetime.components.seconds)),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        return PEM(
            certificate: try certificate.serializeAsPEM().pemString + "\n",
            privateKey: key.pemRepresentation + "\n"
        )
    }
}
