// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// What clients are told to do.
    package struct Clients: Equatable, Sendable {
        /// `logtail.enabled`: whether clients may send their logs to Tailscale's service.
        package var logtail = false
        /// `taildrop.enabled`: whether nodes may send files to each other.
        package var taildrop = true
        /// `auto_update.enabled`: whether clients update themselves unless their user decided.
        package var autoUpdate = false
        /// `disable_check_updates`: kept so that headscale's files are accepted.
        package var checkForUpdatesDisabled = false
        /// `grpc_listen_addr`: kept so that headscale's files are accepted.
        package var grpcListenAddress = ""
        /// `grpc_allow_insecure`: kept so that headscale's files are accepted.
        package var grpcAllowInsecure = false

        /// No logs to others, files allowed, no updates.
        package init() {}
    }

    /// How a command line on another machine reaches the server.
    package struct CommandLine: Equatable, Sendable {
        /// `cli.address`.
        package var address = ""
        /// `cli.api_key`.
        package var apiKey = ConfigurationSecret("")
        /// `cli.timeout`.
        package var timeout = Duration.seconds(5)
        /// `cli.insecure`.
        package var insecure = false

        /// The local socket.
        package init() {}
    }
}
