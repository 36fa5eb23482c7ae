// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a finished handshake gives: a way to seal, a way to open, and a name for the connection.
package struct NoiseTransport: Sendable {
    /// Seals what goes to the other side.
    package var sealer: RecordSealer
    /// Opens what comes from the other side.
    package var opener: RecordOpener
    /// The 32 bytes that are the same on both sides and for no other connection.
    package let handshakeHash: [UInt8]
}
