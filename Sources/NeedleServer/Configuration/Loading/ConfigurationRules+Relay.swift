// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension ConfigurationRules {
    /// Relays are fetched again at most this often.
    static let minimumUpdateFrequency = Duration.seconds(60)

    /// The embedded relay and the relays that clients are told of.
    func relay() -> [ConfigurationFinding] {
        let derp = configuration.derp
        var findings = derp.server.enabled ? embeddedRelay(derp.server) + reachableSTUN(derp.server) : []
        if derp.server.enabled, !derp.server.addsRegionToMap, derp.paths.isEmpty {
            findings.append(
                error(
                    "derp.server.automatically_add_embedded_derp_region",
                    "clients would never hear of the relay",
                    "set it to true, or describe the relay in a file of derp.paths"
                )
            )
        }
        if !derp.server.enabled, derp.urls.isEmpty, derp.paths.isEmpty {
            findings.append(
                warning(
                    "derp.server.enabled",
                    "there are no relays, and without one clients stay in the state Starting",
                    "enable it, or name relays in derp.urls or derp.paths"
                )
            )
        }
        if derp.autoUpdate, !derp.urls.isEmpty, derp.updateFrequency < Self.minimumUpdateFrequency {
            findings.append(error("derp.update_frequency", "too often for the server asked", "choose at least 1m"))
        }
        return findings
    }

    /// Behind a proxy the server listens on loopback, but no proxy passes STUN on.
    private func reachableSTUN(_ server: Configuration.DERP.Server) -> [ConfigurationFinding] {
        let key = "derp.server.stun_listen_addr"
        guard !given.contains(key), let address = server.stunListenAddress, NetworkHost.isLoopback(address.host),
            !NetworkHost.isLoopback(configuration.serverURL.host)
        else { return [] }
        return [
            warning(
                key,
                "not set, so STUN is at \(address), where clients on other machines cannot reach it",
                "set it, such as to 0.0.0.0:3478"
            )
        ]
    }

    private func embeddedRelay(_ server: Configuration.DERP.Server) -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        if server.stunListenAddress == nil {
            findings.append(
                error("derp.server.stun_listen_addr", "the embedded relay needs it", "set it, such as to 0.0.0.0:3478")
            )
        }
        if server.regionCode.isEmpty {
            findings.append(error("derp.server.region_code", "empty", "set it, or delete the key"))
        }
        if server.privateKeyPath.isEmpty {
            findings.append(error("derp.server.private_key_path", "empty", "set it, or delete the key"))
        }
        return findings
    }
}
