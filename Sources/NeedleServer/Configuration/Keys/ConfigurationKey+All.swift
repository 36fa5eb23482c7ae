// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension ConfigurationKey {
    /// Every key, in the order of the documentation: Needletail's own, headscale's, and what headscale removed.
    ///
    /// To add one, add a property to ``Configuration`` and a row here. `docs/configuration.md` holds the same table; a
    /// test says so when it does not.
    ///
    /// - Source: headscale, hscontrol/types/config.go and config-example.yaml, between 0.29.2 and 0.30.
    package static let all: [ConfigurationKey] =
        server + prefixes + relay + nodes + database + certificate + log + policy + dns + administration + oidc
        + clients + tuning + limits + commandLine + removed

    static let server: [ConfigurationKey] = [
        .init("server_url", .serverURL(\.serverURL), "Where clients reach the server; by default from listen_addr."),
        .init("listen_addr", .listener(\.listenAddress), "The main listener, for everything; TLS and plain."),
        .init(
            "metrics_listen_addr",
            .listener(\.metricsListenAddress),
            .notYet(instead: "nothing is served there"),
            "Metrics and debugging; empty for none."
        ),
        .init(
            "trusted_proxies",
            .prefixes(\.trustedProxies),
            .notYet(instead: "requests count as coming from the proxy"),
            "Who may say in True-Client-IP, X-Real-IP or X-Forwarded-For which client asks."
        ),
        .init(
            "noise.private_key_path",
            .path(\.noisePrivateKeyPath),
            "The control key; made with mode 0600 if missing."
        ),
    ]

    static let prefixes: [ConfigurationKey] = [
        .init(
            "prefixes.v4",
            .prefix(\.prefixes.v4, .v4),
            "Addresses of nodes, inside 100.64.0.0/10; none if only v6 is set."
        ),
        .init(
            "prefixes.v6",
            .prefix(\.prefixes.v6, .v6),
            "Addresses of nodes, inside fd7a:115c:a1e0::/48; none if only v4 is set."
        ),
        .init("prefixes.allocation", .choice(\.prefixes.allocation), "How the next address is chosen."),
    ]

    static let relay: [ConfigurationKey] = [
        .init("derp.server.enabled", .flag(\.derp.server.enabled), "The embedded relay, on the main listener."),
        .init("derp.server.region_id", .number(\.derp.server.regionID, 1...65535), "Its region; 900 to 999 are free."),
        .init("derp.server.region_code", .text(\.derp.server.regionCode), "The region's short name."),
        .init("derp.server.region_name", .text(\.derp.server.regionName), "The region's long name."),
        .init("derp.server.verify_clients", .flag(\.derp.server.verifyClients), "Only nodes of this server use it."),
        .init(
            "derp.server.stun_listen_addr",
            .listener(\.derp.server.stunListenAddress),
            "STUN over UDP, for the relay; by default at the host of listen_addr."
        ),
        .init(
            "derp.server.private_key_path",
            .path(\.derp.server.privateKeyPath),
            "The relay's key; made with mode 0600 if missing."
        ),
        .init(
            "derp.server.automatically_add_embedded_derp_region",
            .flag(\.derp.server.addsRegionToMap),
            "Clients are told of the relay; if not, derp.paths must."
        ),
        .init("derp.server.ipv4", .relayAddress(\.derp.server.ipv4, .v4), "Its address, for clients without DNS."),
        .init("derp.server.ipv6", .relayAddress(\.derp.server.ipv6, .v6), "Its address, for clients without DNS."),
        .init(
            "derp.server.stun.enabled",
            .flag(\.derp.server.stunEnabled),
            .moot("derp.server.stun_listen_addr decides"),
            "An old switch for STUN."
        ),
        .init("derp.urls", .list(\.derp.urls, of: "URLs", check: checkFetchURL), "DERP maps to fetch, JSON."),
        .init("derp.paths", .paths(\.derp.paths), "DERP maps to read, YAML, in order; null removes a region."),
        .init("derp.auto_update_enabled", .flag(\.derp.autoUpdate), "Whether maps are fetched again."),
        .init("derp.update_frequency", .duration(\.derp.updateFrequency), "How often; at least a minute."),
    ]

    @Sendable
    private static func checkFetchURL(_ text: String) throws(KeyProblem) {
        guard let scheme = text.firstRange(of: "://"), ["http", "https"].contains(text[..<scheme.lowerBound]),
            text[scheme.upperBound...].first.map({ $0 != "/" }) == true,
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw KeyProblem("\(KeyProblem.quote(text)) is not a URL", "write one with https://") }
    }

    static let nodes: [ConfigurationKey] = [
        .init("node.expiry", .duration(\.node.expiry), "When a user must log in again; 0 for never; not tagged nodes."),
        .init(
            "node.ephemeral.inactivity_timeout",
            .duration(\.node.ephemeralInactivityTimeout),
            "When an absent ephemeral node is removed; more than 65s."
        ),
        .init(
            "node.routes.ha.probe_interval",
            .duration(\.node.routeProbeInterval),
            .notYet(instead: "routers are not probed: one fails over when its map stream ends"),
            "How often routers are probed; 0 for never, else at least 2s."
        ),
        .init(
            "node.routes.ha.probe_timeout",
            .duration(\.node.routeProbeTimeout),
            .notYet(instead: "routers are not probed: one fails over when its map stream ends"),
            "When a probe has failed; at least 1s, less than the interval."
        ),
        .init(
            "ephemeral_node_inactivity_timeout",
            .duration(\.node.ephemeralInactivityTimeout),
            .renamed(to: "node.ephemeral.inactivity_timeout"),
            "The old name."
        ),
        .init(
            "preauth_keys.revoked_retention",
            .duration(\.preAuthKeys.revokedRetention),
            .notYet(instead: "revoked keys are kept until they are deleted"),
            "How long revoked keys are listed."
        ),
    ]

    static let database: [ConfigurationKey] = [
        .init(
            "database.type",
            .choice(\.database.kind, otherNames: ["sqlite3": .sqlite]),
            "sqlite, also called sqlite3; postgres is refused for now."
        ),
        .init(
            "database.debug",
            .flag(\.database.debug),
            .notYet(instead: "statements are not logged"),
            "Whether statements are logged."
        ),
        .init("database.sqlite.path", .path(\.database.sqlite.path), "The database file."),
        .init(
            "database.sqlite.write_ahead_log",
            .flag(\.database.sqlite.writeAheadLog),
            .notYet(instead: "the log is always written ahead, which is what makes writes durable and fast"),
            "SQLite's WAL mode."
        ),
        .init(
            "database.sqlite.wal_autocheckpoint",
            .number(\.database.sqlite.walAutocheckpoint, 0...1_000_000),
            .notYet(instead: "SQLite's own number, 1000 pages, is used"),
            "After how many pages the log is folded in."
        ),
        postgres("host", .text(\.database.postgres.host), "Host or socket folder."),
        postgres("port", .number(\.database.postgres.port, 0...65535), "Port."),
        postgres("name", .text(\.database.postgres.name), "Database."),
        postgres("user", .text(\.database.postgres.user), "User."),
        postgres("pass", .secret(\.database.postgres.password), "Password."),
        postgres("max_open_conns", .number(\.database.postgres.maximumOpenConnections, 0...10000), "Connections."),
        postgres("max_idle_conns", .number(\.database.postgres.maximumIdleConnections, 0...10000), "Of them idle."),
        postgres(
            "conn_max_idle_time_secs",
            .number(\.database.postgres.maximumIdleSeconds, 0...31_536_000),
            "For how many seconds."
        ),
        postgres("ssl", .text(\.database.postgres.ssl), "true, false, or one of libpq's modes."),
        gorm("prepare_stmt", .flag(\.database.gorm.prepareStatements)),
        gorm("parameterized_queries", .flag(\.database.gorm.parameterizedQueries)),
        gorm("skip_err_record_not_found", .flag(\.database.gorm.skipsRecordNotFound)),
        gorm("slow_threshold", .number(\.database.gorm.slowThresholdMilliseconds, 0...1_000_000_000)),
    ]

    private static func postgres(_ name: String, _ setting: KeySetting, _ summary: String) -> ConfigurationKey {
        .init("database.postgres.\(name)", setting, .belongs(to: "database.type"), summary)
    }

    private static func gorm(_ name: String, _ setting: KeySetting) -> ConfigurationKey {
        .init("database.gorm.\(name)", setting, .moot("there is no object mapper"), "Of headscale's object mapper.")
    }

    static let certificate: [ConfigurationKey] = [
        .init("tls_cert_path", .path(\.tls.certificatePath), "Certificate chain, PEM; else one is generated."),
        .init("tls_key_path", .path(\.tls.privateKeyPath), "Its private key, PEM."),
        .init(
            "tls_letsencrypt_hostname",
            .text(\.tls.acmeHostname),
            .refused(advice: "get the certificate with another program and set tls_cert_path and tls_key_path"),
            "Certificates by ACME for this name."
        ),
        acme("tls_letsencrypt_cache_dir", .path(\.tls.acmeCacheDirectory), "Where certificates are kept."),
        acme("tls_letsencrypt_challenge_type", .choice(\.tls.acmeChallenge), "How the name is checked."),
        acme("tls_letsencrypt_listen", .text(\.tls.acmeListen), "Listener for the check."),
        acme("acme_url", .text(\.tls.acmeURL), "The authority."),
        acme("acme_email", .text(\.tls.acmeEmail), "Whom it writes to."),
    ]

    private static func acme(_ name: String, _ setting: KeySetting, _ summary: String) -> ConfigurationKey {
        .init(name, setting, .belongs(to: "tls_letsencrypt_hostname"), summary)
    }

    static let log: [ConfigurationKey] = [
        .init("log.level", .choice(\.log.level), "What is logged."),
        .init("log.format", .choice(\.log.format), "How."),
    ]

    static let policy: [ConfigurationKey] = [
        .init(
            "policy.mode",
            .choice(\.policy.mode),
            "Whether the policy is a file or in the database, where versions of it are kept."
        ),
        .init(
            "policy.path",
            .path(\.policy.path),
            "The policy, HuJSON, read again when it changes; empty allows everything."
        ),
    ]

    static let dns: [ConfigurationKey] = [
        .init("dns.magic_dns", .flag(\.dns.magicDNS), "Nodes resolve each other's names."),
        .init("dns.base_domain", .text(\.dns.baseDomain), "What those names end in; not the host of server_url."),
        .init(
            "dns.override_local_dns",
            .flag(\.dns.overrideLocalDNS),
            "The global resolvers replace the machine's; by default if there are any."
        ),
        .init(
            "dns.nameservers.global",
            .list(\.dns.globalNameservers, of: "resolvers", check: KeySetting.checkResolver),
            "Resolvers for everything: addresses or https:// URLs."
        ),
        .init("dns.nameservers.split", .resolversByDomain(\.dns.splitNameservers), "Resolvers by domain."),
        .init(
            "dns.search_domains",
            .list(\.dns.searchDomains, of: "domains", check: KeySetting.checkDomain),
            "Domains to try for short names."
        ),
        .init("dns.extra_records", .records(\.dns.extraRecords), "Names of the tailnet's own: A and AAAA."),
        .init(
            "dns.extra_records_path",
            .path(\.dns.extraRecordsPath),
            .notYet(instead: "the file is not read; put the records into dns.extra_records"),
            "A JSON file of them, watched; not together with dns.extra_records."
        ),
    ]

    static let administration: [ConfigurationKey] = [
        .init("unix_socket", .path(\.unixSocket.path), "Local administration without log-in; empty for none."),
        .init("unix_socket_permission", .permission(\.unixSocket.permission), "Who may use it."),
        .init(
            "grpc_listen_addr",
            .text(\.clients.grpcListenAddress),
            .moot("there is no gRPC; other machines use the REST API"),
            "Of older headscale: gRPC."
        ),
        .init(
            "grpc_allow_insecure",
            .flag(\.clients.grpcAllowInsecure),
            .moot("there is no gRPC; other machines use the REST API"),
            "Of older headscale: gRPC without TLS."
        ),
    ]

    static let oidc: [ConfigurationKey] = [
        .init(
            "oidc.issuer",
            .text(\.oidc.issuer),
            .notYet(instead: "nobody can log in interactively; nodes join with pre-authentication keys"),
            "The OpenID provider."
        ),
        provider("only_start_if_oidc_is_available", .flag(\.oidc.onlyStartIfAvailable), "Refuse to start without it."),
        provider("client_id", .text(\.oidc.clientID), "What the provider calls this server."),
        provider("client_secret", .secret(\.oidc.clientSecret), "The secret that they share."),
        provider("client_secret_path", .path(\.oidc.clientSecretPath), "The file that the secret is in."),
        provider("use_expiry_from_token", .flag(\.oidc.usesExpiryFromToken), "A node expires with its token."),
        provider("scope", .list(\.oidc.scope), "What is asked of the provider."),
        provider("email_verified_required", .flag(\.oidc.emailVerifiedRequired), "Unverified addresses are refused."),
        provider("extra_params", .dictionary(\.oidc.extraParameters), "Added to the provider's URL."),
        provider("allowed_domains", .list(\.oidc.allowedDomains), "Whose users may log in."),
        provider("allowed_users", .list(\.oidc.allowedUsers), "Who may log in."),
        provider("allowed_groups", .list(\.oidc.allowedGroups), "Whose members may log in."),
        provider("pkce.enabled", .flag(\.oidc.pkceEnabled), "Proof keys."),
        provider("pkce.method", .choice(\.oidc.pkceMethod), "How they are sent."),
    ]

    private static func provider(_ name: String, _ setting: KeySetting, _ summary: String) -> ConfigurationKey {
        .init("oidc.\(name)", setting, .belongs(to: "oidc.issuer"), summary)
    }

    static let clients: [ConfigurationKey] = [
        .init("logtail.enabled", .flag(\.clients.logtail), "Clients may send logs to Tailscale's service."),
        .init("taildrop.enabled", .flag(\.clients.taildrop), "Nodes may send files to each other."),
        .init("auto_update.enabled", .flag(\.clients.autoUpdate), "Clients update themselves by default."),
        .init(
            "disable_check_updates",
            .flag(\.clients.checkForUpdatesDisabled),
            .moot("it never asks for new versions"),
            "Whether the server looks for new versions of itself."
        ),
    ]

    static let tuning: [ConfigurationKey] = [
        .init(
            "tuning.register_cache_max_entries",
            .number(\.tuning.pendingRegistrations, 0...1_000_000),
            .moot("nobody can log in interactively yet, so nothing waits"),
            "How many registrations may wait for approval; 0 for the default."
        ),
        .init(
            "tuning.register_cache_expiration",
            .duration(\.tuning.pendingRegistrationLifetime),
            .moot("nobody can log in interactively yet, so nothing waits"),
            "For how long; at least a minute, or 0 for the default."
        ),
        machinery("node_store_batch_size", .number(\.tuning.nodeStoreBatchSize, 1...1_000_000_000)),
        machinery("node_store_batch_timeout", .duration(\.tuning.nodeStoreBatchTimeout)),
        machinery("notifier_send_timeout", .duration(\.tuning.notifierSendTimeout)),
        machinery("batch_change_delay", .duration(\.tuning.batchChangeDelay)),
        machinery("node_mapsession_buffered_chan_size", .number(\.tuning.mapSessionBufferSize, 0...1_000_000_000)),
        machinery("batcher_workers", .number(\.tuning.batcherWorkers, 0...1_000_000_000)),
    ]

    private static func machinery(_ name: String, _ setting: KeySetting) -> ConfigurationKey {
        .init("tuning.\(name)", setting, .moot("there is no such queue here"), "Of headscale's inner workings.")
    }

    static let limits: [ConfigurationKey] = [
        .init("limits.connections", .number(\.limits.connections, 1...10_000_000), "Open connections in all."),
        .init(
            "limits.connections_per_address",
            .number(\.limits.connectionsPerAddress, 1...10_000_000),
            "Open connections from one address; trusted proxies do not count."
        ),
        .init(
            "limits.streams_per_connection",
            .number(\.limits.streamsPerConnection, 4...10000),
            "Requests under way inside one Noise connection."
        ),
        .init(
            "limits.request_bytes",
            .number(\.limits.requestBytes, 4096...67_108_864),
            "The longest body of a request."
        ),
        .init(
            "limits.command_queue",
            .number(\.limits.commandQueue, 1...1_000_000),
            "Commands that wait for the writer."
        ),
    ]

    static let commandLine: [ConfigurationKey] = [
        remote("address", .text(\.commandLine.address), "The server that the command line talks to."),
        remote("api_key", .secret(\.commandLine.apiKey), "With this key."),
        remote("timeout", .duration(\.commandLine.timeout), "For how long."),
        remote("insecure", .flag(\.commandLine.insecure), "Without checking its certificate."),
    ]

    private static func remote(_ name: String, _ setting: KeySetting, _ summary: String) -> ConfigurationKey {
        .init("cli.\(name)", setting, .moot("the command line reads it, the server does not"), summary)
    }
}
