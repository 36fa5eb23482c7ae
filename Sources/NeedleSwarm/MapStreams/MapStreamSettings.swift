// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a client takes from a map stream at most.
package struct MapStreamSettings: Sendable {
    /// Bytes of one message as sent.
    package var payloadMax = 64 << 20
    /// Bytes of one message's JSON.
    package var textMax = 512 << 20
    /// How many decoded messages are kept for a test to look at; the oldest go first.
    package var messagesKeptMax = 0

    /// The defaults.
    package init() {}
}
