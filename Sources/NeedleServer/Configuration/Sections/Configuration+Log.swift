// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// What is logged, and how.
    package struct Log: Equatable, Sendable {
        /// The levels that a file may name, headscale's names.
        package enum Level: String, CaseIterable, Sendable {
            case trace
            case debug
            case info
            case warn
            case error
            case fatal
            case panic
            case disabled
        }

        /// How a line looks.
        package enum Format: String, CaseIterable, Sendable {
            case text
            case json
        }

        /// `log.level`.
        package var level = Level.info
        /// `log.format`.
        package var format = Format.text

        /// Text from `info` upwards.
        package init() {}
    }
}
