// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// Interactive log-in through an OpenID provider.
    package struct OIDC: Equatable, Sendable {
        /// How the proof key is sent.
        package enum PKCEMethod: String, CaseIterable, Sendable {
            case s256 = "S256"
            case plain
        }

        /// `oidc.only_start_if_oidc_is_available`.
        package var onlyStartIfAvailable = true
        /// `oidc.issuer`; empty for no such log-in.
        package var issuer = ""
        /// `oidc.client_id`.
        package var clientID = ""
        /// `oidc.client_secret`.
        package var clientSecret = ConfigurationSecret("")
        /// `oidc.client_secret_path`.
        package var clientSecretPath = ""
        /// `oidc.use_expiry_from_token`.
        package var usesExpiryFromToken = false
        /// `oidc.scope`.
        package var scope = ["openid", "profile", "email"]
        /// `oidc.email_verified_required`.
        package var emailVerifiedRequired = true
        /// `oidc.extra_params`.
        package var extraParameters: [String: String] = [:]
        /// `oidc.allowed_domains`.
        package var allowedDomains: [String] = []
        /// `oidc.allowed_users`.
        package var allowedUsers: [String] = []
        /// `oidc.allowed_groups`.
        package var allowedGroups: [String] = []
        /// `oidc.pkce.enabled`.
        package var pkceEnabled = false
        /// `oidc.pkce.method`.
        package var pkceMethod = PKCEMethod.s256

        /// No provider.
        package init() {}
    }
}
