// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// The embedded relay, and the relays that clients are told of.
    package struct DERP: Equatable, Sendable {
        /// The relay inside this server.
        package struct Server: Equatable, Sendable {
            /// `derp.server.enabled`.
            package var enabled = true
            /// `derp.server.region_id`.
            package var regionID = 999
            /// `derp.server.region_code`.
            package var regionCode = "needletail"
            /// `derp.server.region_name`.
            package var regionName = "Needletail Embedded DERP"
            /// `derp.server.verify_clients`: only nodes of this server may use the relay.
            package var verifyClients = true
            /// `derp.server.stun.enabled`: kept so that headscale's files are accepted.
            package var stunEnabled = true
            /// `derp.server.stun_listen_addr`, over UDP.
            package var stunListenAddress: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 3478)
            /// `derp.server.private_key_path`, created with mode 0600 if missing.
            package var privateKeyPath = ""
            /// `derp.server.automatically_add_embedded_derp_region`.
            package var addsRegionToMap = true
            /// `derp.server.ipv4`: lets clients reach the relay without DNS; `none` says that it has no such address.
            package var ipv4 = ""
            /// `derp.server.ipv6`.
            package var ipv6 = ""
        }

        /// `derp.server`.
        package var server = Server()
        /// `derp.urls`: DERP maps to fetch, as JSON.
        package var urls: [String] = []
        /// `derp.paths`: DERP maps to read, as YAML.
        package var paths: [String] = []
        /// `derp.auto_update_enabled`: whether the maps are fetched again.
        package var autoUpdate = true
        /// `derp.update_frequency`: how often.
        package var updateFrequency = Duration.seconds(3 * 3600)

        /// The embedded relay alone.
        package init() {}
    }
}
