// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// The certificate, and how to get one.
    package struct TLS: Equatable, Sendable {
        /// Where the certificate comes from.
        package enum Source: Equatable, Sendable {
            /// The administrator's own, PEM.
            case files(certificate: String, privateKey: String)
            /// A self-signed one that the server makes when the files are missing.
            case generated(certificate: String, privateKey: String)
        }

        /// `tls_cert_path`.
        package var certificatePath = ""
        /// `tls_key_path`.
        package var privateKeyPath = ""
        /// Where the self-signed certificate is kept.
        package var generatedCertificatePath = ""
        /// Where its key is kept.
        package var generatedPrivateKeyPath = ""
        /// `acme_url`.
        package var acmeURL = "https://acme-v02.api.letsencrypt.org/directory"
        /// `acme_email`.
        package var acmeEmail = ""
        /// `tls_letsencrypt_hostname`.
        package var acmeHostname = ""
        /// `tls_letsencrypt_cache_dir`.
        package var acmeCacheDirectory = "/var/www/.cache"
        /// `tls_letsencrypt_challenge_type`.
        package var acmeChallenge = Challenge.http01
        /// `tls_letsencrypt_listen`.
        package var acmeListen = ":http"

        /// The ways in which a certificate authority checks a host name.
        package enum Challenge: String, CaseIterable, Sendable {
            case http01 = "HTTP-01"
            case tlsALPN01 = "TLS-ALPN-01"
        }

        /// A generated certificate.
        package init() {}

        /// The certificate to serve.
        package var source: Source {
            certificatePath.isEmpty
                ? .generated(certificate: generatedCertificatePath, privateKey: generatedPrivateKeyPath)
                : .files(certificate: certificatePath, privateKey: privateKeyPath)
        }
    }
}
