// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
package import NeedleTypes

/// What the relay is told about a connection that was upgraded for it.
package struct RelayUpgradeInfo: Sendable {
    /// Where the connection comes from.
    package let remote: IPAddress?
    /// Whether the connection is encrypted.
    package let isSecure: Bool
    /// Whether bytes travel in WebSocket messages.
    package let isWebSocket: Bool
    /// Whether the client asked to be spared the HTTP answer.
    package let isFastStart: Bool
    /// The node that the client would rather be on, if it said so.
    package let idealNode: String?
}

/// How the front door hands connections to the relay.
///
/// The handler is added at the end of the pipeline; it reads and writes `ByteBuffer`s of DERP frames, cut anywhere. At
/// shutdown it sees `ChannelShouldQuiesceEvent` and should close.
package struct RelayUpgrade: Sendable {
    /// The relay's public key as 64 hex digits, for the answer's `Derp-Public-Key`.
    package let publicKeyHex: String
    /// Makes the handler for one connection, on its event loop.
    package let makeHandler: @Sendable (any Channel, RelayUpgradeInfo) throws -> any ChannelHandler

    /// Connections are handed to what `makeHandler` makes.
    package init(
        publicKeyHex: String,
        makeHandler: @escaping @Sendable (any Channel, RelayUpgradeInfo) throws -> any ChannelHandler
    ) {
        self.publicKeyHex = publicKeyHex
        self.makeHandler = makeHandler
    }
}
