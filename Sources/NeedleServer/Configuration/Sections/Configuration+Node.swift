// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// How long nodes stay, and how their routes fail over.
    package struct Node: Equatable, Sendable {
        /// `node.expiry`: after how long a user must log in again; zero for never.
        package var expiry = Duration.zero
        /// `node.ephemeral.inactivity_timeout`: after how long without a stream an ephemeral node is removed.
        package var ephemeralInactivityTimeout = Duration.seconds(30 * 60)
        /// `node.routes.ha.probe_interval`: how often routers are probed; zero for never.
        package var routeProbeInterval = Duration.seconds(10)
        /// `node.routes.ha.probe_timeout`: when a probe has failed.
        package var routeProbeTimeout = Duration.seconds(5)

        /// Keys never expire; ephemeral nodes go after half an hour.
        package init() {}
    }

    /// What happens to pre-authentication keys that are no longer of use.
    package struct PreAuthKeys: Equatable, Sendable {
        /// `preauth_keys.revoked_retention`: how long revoked keys are still listed.
        package var revokedRetention = Duration.seconds(168 * 3600)

        /// A week.
        package init() {}
    }
}
