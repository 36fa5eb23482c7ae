// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Makes the users and keys that a fleet needs.
protocol FleetAdministrator: Sendable {
    /// Makes a user; says by what keys refer to it.
    func makeUser(_ name: String, email: String?) async throws -> String

    /// Makes a key that can be used again and again, for a user's machines or for tagged ones.
    func makeKey(user: String?, tags: [String]) async throws -> String
}
