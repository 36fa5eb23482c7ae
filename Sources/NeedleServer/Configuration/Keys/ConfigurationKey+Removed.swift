// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension ConfigurationKey {
    /// What headscale removed and refuses to start with, and what took its place.
    static let removed: [ConfigurationKey] = [
        gone("acl_policy_path", "use policy.path"),
        gone("dns_config.magic_dns", "use dns.magic_dns"),
        gone("dns_config.base_domain", "use dns.base_domain"),
        gone("dns_config.override_local_dns", "use dns.override_local_dns"),
        gone("dns_config.nameservers", "use dns.nameservers.global"),
        gone("dns_config.restricted_nameservers", "use dns.nameservers.split"),
        gone("dns_config.domains", "use dns.search_domains"),
        gone("dns_config.extra_records", "use dns.extra_records"),
        gone("dns_config.use_username_in_magic_dns", "delete it: names no longer hold the user's"),
        gone("dns.use_username_in_magic_dns", "delete it: names no longer hold the user's"),
        gone("oidc.strip_email_domain", "delete it: users are named as the provider names them"),
        gone("oidc.map_legacy_users", "delete it: users are known by the provider's subject"),
        gone("oidc.expiry", "use node.expiry"),
        gone("randomize_client_port", "set randomizeClientPort in the policy"),
        gone("ip_prefixes", "use prefixes.v4 and prefixes.v6"),
        gone("db_type", "use database.type"),
        gone("db_path", "use database.sqlite.path"),
        gone("db_host", "use database.postgres.host"),
        gone("db_port", "use database.postgres.port"),
        gone("db_name", "use database.postgres.name"),
        gone("db_user", "use database.postgres.user"),
        gone("db_pass", "use database.postgres.pass"),
        gone("db_ssl", "use database.postgres.ssl"),
        gone("private_key_path", "delete it: noise.private_key_path is the only control key"),
        gone("node_update_check_interval", "delete it: changes are sent when they happen"),
    ]

    private static func gone(_ name: String, _ advice: String) -> ConfigurationKey {
        .init(name, .nothing, .removed(advice: advice), "Removed from headscale.")
    }
}
