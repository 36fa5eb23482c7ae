// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a text is not YAML, or not YAML that is read here.
struct YAMLReadingError: Error, Equatable, Sendable {
    /// Where, from 1, if the parser says.
    let line: Int?
    /// What is wrong.
    let problem: String
    /// What would be right.
    let advice: String
}
