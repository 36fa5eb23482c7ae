// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// headscale's numbers; those of its inner workings are kept so that its files are accepted.
    package struct Tuning: Equatable, Sendable {
        /// `tuning.register_cache_max_entries`: how many registrations may wait for approval.
        package var pendingRegistrations = 1024
        /// `tuning.register_cache_expiration`: for how long.
        package var pendingRegistrationLifetime = Duration.seconds(15 * 60)
        /// `tuning.node_store_batch_size`.
        package var nodeStoreBatchSize = 100
        /// `tuning.node_store_batch_timeout`.
        package var nodeStoreBatchTimeout = Duration.milliseconds(500)
        /// `tuning.notifier_send_timeout`.
        package var notifierSendTimeout = Duration.milliseconds(800)
        /// `tuning.batch_change_delay`.
        package var batchChangeDelay = Duration.milliseconds(800)
        /// `tuning.node_mapsession_buffered_chan_size`.
        package var mapSessionBufferSize = 30
        /// `tuning.batcher_workers`.
        package var batcherWorkers = 0

        /// headscale's defaults.
        package init() {}
    }
}
