// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

/// A value for every key that is neither its default nor wrong in itself, and how it reads back.
struct KeySample: Sendable, CustomTestStringConvertible {
    let key: String
    /// As a YAML value on one line.
    let yaml: String
    /// As an environment variable's text.
    let environment: String
    /// What the table renders afterwards.
    let rendered: String

    var testDescription: String { key }

    init(_ key: String, _ yaml: String, environment: String? = nil, rendered: String? = nil) {
        self.key = key
        self.yaml = yaml
        self.environment = environment ?? yaml
        self.rendered = rendered ?? yaml
    }

    /// Keys without which others would be found wrong, so that one key can be looked at alone.
    static let companions: [String: [String]] = [
        "tls_cert_path": ["tls_key_path: /k.pem"],
        "tls_key_path": ["tls_cert_path: /c.pem"],
        "dns.override_local_dns": ["dns.nameservers.global: [9.9.9.9]"],
        "derp.server.automatically_add_embedded_derp_region": ["derp.paths: [/derp.yaml]"],
        "derp.server.enabled": ["derp.paths: [/derp.yaml]"],
    ]

    static let all: [KeySample] = [
        .init("server_url", "https://control.example.com"),
        .init("listen_addr", "'[::1]:9999'", environment: "[::1]:9999", rendered: "[::1]:9999"),
        .init("metrics_listen_addr", "127.0.0.1:9090"),
        .init(
            "trusted_proxies",
            "[10.0.0.0/8, 'fd00::/8']",
            environment: "10.0.0.0/8 fd00::/8",
            rendered: "10.0.0.0/8, fd00::/8"
        ),
        .init("noise.private_key_path", "/keys/noise.key"),
        .init("prefixes.v4", "100.64.1.0/24"),
        .init("prefixes.v6", "fd7a:115c:a1e0:1::/64"),
        .init("prefixes.allocation", "random"),
        .init("derp.server.enabled", "false"),
        .init("derp.server.region_id", "901"),
        .init("derp.server.region_code", "home"),
        .init("derp.server.region_name", "At home"),
        .init("derp.server.verify_clients", "false"),
        .init("derp.server.stun_listen_addr", "0.0.0.0:3479"),
        .init("derp.server.private_key_path", "/keys/derp.key"),
        .init("derp.server.automatically_add_embedded_derp_region", "false"),
        .init("derp.server.ipv4", "192.0.2.1"),
        .init("derp.server.ipv6", "2001:db8::1"),
        .init("derp.server.stun.enabled", "false"),
        .init(
            "derp.urls",
            "[https://example.com/derpmap]",
            environment: "https://example.com/derpmap",
            rendered: "https://example.com/derpmap"
        ),
        .init("derp.paths", "[/a.yaml, /b.yaml]", environment: "/a.yaml,/b.yaml", rendered: "/a.yaml, /b.yaml"),
        .init("derp.auto_update_enabled", "false"),
        .init("derp.update_frequency", "24h", rendered: "1d"),
        .init("node.expiry", "180d"),
        .init("node.ephemeral.inactivity_timeout", "1h30m"),
        .init("node.routes.ha.probe_interval", "20s"),
        .init("node.routes.ha.probe_timeout", "3s"),
        .init("ephemeral_node_inactivity_timeout", "120s", rendered: "2m"),
        .init("preauth_keys.revoked_retention", "24h", rendered: "1d"),
        .init("database.type", "sqlite3", rendered: "sqlite"),
        .init("database.debug", "true"),
        .init("database.sqlite.path", "/var/lib/headscale/db.sqlite"),
        .init("database.sqlite.write_ahead_log", "false"),
        .init("database.sqlite.wal_autocheckpoint", "2000"),
        .init("database.postgres.host", "db.example.com"),
        .init("database.postgres.port", "5433"),
        .init("database.postgres.name", "headscale"),
        .init("database.postgres.user", "admin"),
        .init("database.postgres.pass", "hunter2", rendered: "[redacted]"),
        .init("database.postgres.max_open_conns", "20"),
        .init("database.postgres.max_idle_conns", "5"),
        .init("database.postgres.conn_max_idle_time_secs", "60"),
        .init("database.postgres.ssl", "require"),
        .init("database.gorm.prepare_stmt", "false"),
        .init("database.gorm.parameterized_queries", "false"),
        .init("database.gorm.skip_err_record_not_found", "false"),
        .init("database.gorm.slow_threshold", "500"),
        .init("tls_cert_path", "/c.pem"),
        .init("tls_key_path", "/k.pem"),
        .init("tls_letsencrypt_hostname", "control.example.com"),
        .init("tls_letsencrypt_cache_dir", "/var/lib/headscale/cache"),
        .init("tls_letsencrypt_challenge_type", "TLS-ALPN-01"),
        .init("tls_letsencrypt_listen", "':80'", environment: ":80", rendered: ":80"),
        .init("acme_url", "https://acme.example.com/directory"),
        .init("acme_email", "admin@example.com"),
        .init("log.level", "debug"),
        .init("log.format", "json"),
        .init("policy.mode", "database"),
        .init("policy.path", "/etc/policy.hujson"),
        .init("dns.magic_dns", "false"),
        .init("dns.base_domain", "example.org"),
        .init("dns.override_local_dns", "false", rendered: "false"),
        .init(
            "dns.nameservers.global",
            "[1.1.1.1, 'https://dns.example.com/q']",
            environment: "1.1.1.1, https://dns.example.com/q",
            rendered: "1.1.1.1, https://dns.example.com/q"
        ),
        .init(
            "dns.nameservers.split",
            "{Corp.example.com: [10.0.0.1, 10.0.0.2]}",
            environment: #"{"corp.example.com": ["10.0.0.1", "10.0.0.2"]}"#,
            rendered: "corp.example.com: 10.0.0.1 10.0.0.2"
        ),
        .init("dns.search_domains", "[a.example.com]", environment: "a.example.com", rendered: "a.example.com"),
        .init(
            "dns.extra_records",
            "[{name: g.example.com, type: A, value: 100.64.0.3}]",
            environment: #"[{"name": "g.example.com", "value": "100.64.0.3"}]"#,
            rendered: "g.example.com A 100.64.0.3"
        ),
        .init("dns.extra_records_path", "/extra.json"),
        .init("unix_socket", "/run/needletail.sock"),
        .init("unix_socket_permission", "\"0660\"", environment: "0o660", rendered: "0660"),
        .init("grpc_listen_addr", "127.0.0.1:50443"),
        .init("grpc_allow_insecure", "true"),
        .init("oidc.issuer", "https://sso.example.com"),
        .init("oidc.only_start_if_oidc_is_available", "false"),
        .init("oidc.client_id", "tailnet"),
        .init("oidc.client_secret", "sesame", rendered: "[redacted]"),
        .init("oidc.client_secret_path", "/secret"),
        .init("oidc.use_expiry_from_token", "true"),
        .init("oidc.scope", "[openid, groups]", environment: "openid groups", rendered: "openid, groups"),
        .init("oidc.email_verified_required", "false"),
        .init("oidc.extra_params", "{domain_hint: example.com}", rendered: "domain_hint: example.com"),
        .init("oidc.allowed_domains", "[example.com]", environment: "example.com", rendered: "example.com"),
        .init("oidc.allowed_users", "[a@example.com]", environment: "a@example.com", rendered: "a@example.com"),
        .init("oidc.allowed_groups", "[/staff]", environment: "/staff", rendered: "/staff"),
        .init("oidc.pkce.enabled", "true"),
        .init("oidc.pkce.method", "plain"),
        .init("logtail.enabled", "true"),
        .init("taildrop.enabled", "false"),
        .init("auto_update.enabled", "true"),
        .init("disable_check_updates", "true"),
        .init("tuning.register_cache_max_entries", "2048"),
        .init("tuning.register_cache_expiration", "10m"),
        .init("tuning.node_store_batch_size", "200"),
        .init("tuning.node_store_batch_timeout", "250ms"),
        .init("tuning.notifier_send_timeout", "1s"),
        .init("tuning.batch_change_delay", "1s"),
        .init("tuning.node_mapsession_buffered_chan_size", "60"),
        .init("tuning.batcher_workers", "4"),
        .init("limits.connections", "100"),
        .init("limits.connections_per_address", "10"),
        .init("limits.streams_per_connection", "8"),
        .init("limits.request_bytes", "65536"),
        .init("limits.command_queue", "16"),
        .init("cli.address", "control.example.com:443"),
        .init("cli.api_key", "hskey", rendered: "[redacted]"),
        .init("cli.timeout", "30s"),
        .init("cli.insecure", "true"),
    ]
}
