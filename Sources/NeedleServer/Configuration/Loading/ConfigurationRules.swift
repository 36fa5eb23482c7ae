// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What must hold between keys, and for single values beyond their kind.
struct ConfigurationRules {
    /// A node is offline a minute after its stream broke at the latest; what is shorter would remove nodes in use.
    static let minimumEphemeralTimeout = Duration.seconds(65)
    /// The ranges that clients treat as the tailnet's.
    static let supportedV4 = IPPrefix(text: "100.64.0.0/10")
    static let supportedV6 = IPPrefix(text: "fd7a:115c:a1e0::/48")

    let configuration: Configuration
    let given: GivenValues
    let failed: Set<String>

    /// What is wrong.
    func findings() -> [ConfigurationFinding] {
        (addresses() + prefixes() + relay() + nodes() + database() + certificate() + policy() + dns() + socket()
            + provider())
            .filter { !failed.contains($0.key) }
    }

    private func addresses() -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        if !given.contains("server_url"), configuration.listenAddress.isWildcard, !failed.contains("listen_addr") {
            findings.append(
                warning(
                    "server_url",
                    "not set, so clients are sent to \(configuration.serverURL), which only this machine can reach",
                    "set it to the URL that clients use"
                )
            )
        }
        if !given.contains("server_url"), configuration.listenAddress.port == 0, !failed.contains("listen_addr") {
            findings.append(
                warning(
                    "server_url",
                    "not set, and the port is only chosen at start",
                    "set it, or a port in listen_addr, for clients to find the server"
                )
            )
        }
        for proxy in configuration.trustedProxies where proxy.length == 0 {
            findings.append(
                error(
                    "trusted_proxies",
                    "\(proxy) lets every client say that it is another",
                    "name the addresses of the proxies alone"
                )
            )
        }
        return findings
    }

    private func prefixes() -> [ConfigurationFinding] {
        let prefixes = configuration.prefixes
        var findings: [ConfigurationFinding] = []
        if prefixes.v4 == nil, prefixes.v6 == nil, failed.isDisjoint(with: ["prefixes.v4", "prefixes.v6"]) {
            let key = given.contains("prefixes.v4") ? "prefixes.v4" : "prefixes.v6"
            findings.append(error(key, "nodes would get no addresses", "set prefixes.v4, prefixes.v6 or both"))
        }
        let families = [
            ("prefixes.v4", prefixes.v4, Self.supportedV4), ("prefixes.v6", prefixes.v6, Self.supportedV6),
        ]
        for case (let key, let prefix?, let supported?) in families where !supported.contains(prefix) {
            findings.append(
                warning(key, "\(prefix) lies outside \(supported)", "clients do not support other ranges")
            )
        }
        for case (let key, let prefix?, _) in families where prefix.address.family.bitWidth - prefix.length < 2 {
            findings.append(error(key, "\(prefix) has no room for nodes", "choose a shorter prefix length"))
        }
        return findings
    }

    private func nodes() -> [ConfigurationFinding] {
        let node = configuration.node
        var findings: [ConfigurationFinding] = []
        if node.ephemeralInactivityTimeout <= Self.minimumEphemeralTimeout {
            let old = "ephemeral_node_inactivity_timeout"
            let name = "node.ephemeral.inactivity_timeout"
            findings.append(
                error(
                    given.contains(name) || !given.contains(old) ? name : old,
                    "\(DurationText.render(node.ephemeralInactivityTimeout)) would remove nodes that are in use",
                    "choose more than \(DurationText.render(Self.minimumEphemeralTimeout)), such as 30m"
                )
            )
        }
        if configuration.tuning.pendingRegistrationLifetime < .seconds(60) {
            findings.append(error("tuning.register_cache_expiration", "too short to log in", "choose at least 1m"))
        }
        guard node.routeProbeInterval > .zero else { return findings }
        if node.routeProbeInterval < .seconds(2) {
            findings.append(error("node.routes.ha.probe_interval", "too short", "choose 0 for never, or at least 2s"))
        } else if node.routeProbeTimeout < .seconds(1) || node.routeProbeTimeout >= node.routeProbeInterval {
            findings.append(
                error(
                    "node.routes.ha.probe_timeout",
                    "not between a second and the probe interval",
                    "choose at least 1s, and less than node.routes.ha.probe_interval"
                )
            )
        }
        return findings
    }

    private func database() -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        if configuration.database.kind == .postgres {
            findings.append(
                error(
                    "database.type",
                    "postgres is not supported yet",
                    "choose sqlite; data in Postgres is not read, so do not expect your nodes there"
                )
            )
        }
        if configuration.database.kind != .postgres, configuration.database.sqlite.path.isEmpty {
            findings.append(error("database.sqlite.path", "empty", "set it, or delete the key"))
        }
        if configuration.noisePrivateKeyPath.isEmpty {
            findings.append(error("noise.private_key_path", "empty", "set it, or delete the key"))
        }
        return findings
    }

    private func certificate() -> [ConfigurationFinding] {
        let tls = configuration.tls
        guard tls.certificatePath.isEmpty != tls.privateKeyPath.isEmpty else { return [] }
        return tls.certificatePath.isEmpty
            ? [error("tls_key_path", "a key without a certificate", "set tls_cert_path also")]
            : [error("tls_cert_path", "a certificate without a key", "set tls_key_path also")]
    }

    private func policy() -> [ConfigurationFinding] {
        guard configuration.policy.mode == .database, !configuration.policy.path.isEmpty else { return [] }
        return [
            warning(
                "policy.path",
                "not read, since policy.mode is database",
                "delete it; 'needletail policy set FILE' puts a file's policy in force"
            )
        ]
    }

    private func socket() -> [ConfigurationFinding] {
        let path = configuration.unixSocket.path
        let limit = Configuration.UnixSocket.maximumPathLength
        guard path.utf8.count > limit else { return [] }
        let isGiven = given.contains("unix_socket")
        return [
            error(
                "unix_socket",
                "the path has \(path.utf8.count) bytes, and a socket's may have \(limit)",
                isGiven
                    ? "choose a shorter one, such as /run/needletail/needletail.sock"
                    : "choose a shorter --data-dir, or set unix_socket, such as to /run/needletail/needletail.sock"
            )
        ]
    }

    private func provider() -> [ConfigurationFinding] {
        let oidc = configuration.oidc
        guard !oidc.clientSecret.isEmpty, !oidc.clientSecretPath.isEmpty else { return [] }
        return [error("oidc.client_secret", "given, and so is oidc.client_secret_path", "keep one of them")]
    }
}

// MARK: - Findings

extension ConfigurationRules {
    func error(_ key: String, _ problem: String, _ advice: String) -> ConfigurationFinding {
        finding(.error, key, problem, advice)
    }

    func warning(_ key: String, _ problem: String, _ advice: String) -> ConfigurationFinding {
        finding(.warning, key, problem, advice)
    }

    private func finding(
        _ severity: ConfigurationFinding.Severity,
        _ key: String,
        _ problem: String,
        _ advice: String
    ) -> ConfigurationFinding {
        ConfigurationFinding(
            severity: severity,
            key: key,
            origin: given.origin(key),
            problem: problem,
            advice: advice
        )
    }
}
