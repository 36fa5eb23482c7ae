// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// Where the policy comes from.
    package struct Policy: Equatable, Sendable {
        /// Who keeps the policy.
        package enum Mode: String, CaseIterable, Sendable {
            case file
            case database
        }

        /// `policy.mode`.
        package var mode = Mode.file
        /// `policy.path`; empty for no policy, which allows everything.
        package var path = ""

        /// No policy.
        package init() {}
    }
}
