// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser

/// How programs get what a command answers.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Indented JSON.
    case json
    /// JSON in one line.
    case jsonLine = "json-line"
    /// YAML with the same fields.
    case yaml
}
