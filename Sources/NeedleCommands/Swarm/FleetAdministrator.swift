// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Makes the users and keys that a fleet needs.
protocol FleetAdministrator: Sendable {
    /// How many requests it can make at a time.
    var requestsMax: Int { get }

    /// The users that there are: by what keys refer to them, by name.
    func users() async throws -> [String: String]

    /// Makes a user; says by what keys refer to it.
    func makeUser(_ name: String, email: String?) async throws -> String

    /// Makes a key that can be used again and again, for a user's machines or for tagged ones.
    func makeKey(user: String?, tags: [String]) async throws -> String
}
