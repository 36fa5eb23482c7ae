// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What there is after 'swarm keys'.
struct KeysSummary: Codable {
    var keys: Int
    var users: Int

    var text: String { "\(keys) keys, of \(users) users and of tagged nodes" }
}
