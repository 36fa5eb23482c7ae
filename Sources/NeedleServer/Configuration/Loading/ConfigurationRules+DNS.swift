// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension ConfigurationRules {
    /// Names and resolvers.
    func dns() -> [ConfigurationFinding] {
        let dns = configuration.dns
        var findings = baseDomain(dns)
        if dns.overrideLocalDNS, dns.globalNameservers.isEmpty, !failed.contains("dns.nameservers.global") {
            findings.append(
                error(
                    "dns.override_local_dns",
                    "clients would be left without resolvers, since dns.nameservers.global is empty",
                    "set dns.nameservers.global, such as to [1.1.1.1], or this to false"
                )
            )
        }
        if !dns.extraRecords.isEmpty, !dns.extraRecordsPath.isEmpty {
            findings.append(
                error("dns.extra_records", "given, and so is dns.extra_records_path", "keep one of them")
            )
        }
        return findings
    }

    /// Clients take over the whole base domain, so a server inside it could no longer be found.
    private func baseDomain(_ dns: Configuration.DNS) -> [ConfigurationFinding] {
        let key = "dns.base_domain"
        guard !dns.baseDomain.isEmpty else {
            return dns.magicDNS
                ? [error(key, "empty, and MagicDNS needs it", "set it, such as to tailnet.internal")] : []
        }
        guard NetworkHost.isName(dns.baseDomain) else {
            return [error(key, "\(KeyProblem.quote(dns.baseDomain)) is not a domain", "write such as tailnet.internal")]
        }
        let domain = dns.baseDomain.lowercased()
        let host = configuration.serverURL.host
        if host == domain {
            return [
                error(key, "the same as the host of server_url, which clients could then no longer find", advice(host))
            ]
        }
        if host.hasSuffix("." + domain) {
            return [
                error(key, "contains \(host), the host of server_url, which clients could no longer find", advice(host))
            ]
        }
        return []
    }

    private func advice(_ host: String) -> String {
        "choose a domain that \(host) does not lie in, such as tailnet.internal"
    }
}
