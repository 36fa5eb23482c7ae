// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a scenario could not go on.
struct InteropError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
