// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The answer to a WebSocket handshake, from the library's upgrader.
enum WebSocketAnswer {
    /// The header fields of the 101; nothing if the request is no handshake.
    ///
    /// Extensions are never accepted, and any `Origin` is: what is inside authenticates itself.
    static func fields(for head: HTTPRequestHead, subprotocol: String, on channel: any Channel) -> HTTPHeaders? {
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in
                channel.eventLoop.makeSucceededFuture(["Sec-WebSocket-Protocol": subprotocol])
            },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        )
        var fields: HTTPHeaders?
        // Nothing in there waits, so the future is complete when it is returned.
        upgrader.buildUpgradeResponse(channel: channel, upgradeRequest: head, initialResponseHeaders: [:])
            .assumeIsolated().whenSuccess { fields = $0 }
        return fields
    }
}
