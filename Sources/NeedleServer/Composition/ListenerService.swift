// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleTransport
internal import ServiceLifecycle

/// Keeps the main port, which is bound already, until the server stops; then ends what goes on there.
struct ListenerService: Service {
    let listener: ControlListener
    let hub: MapStreamHub
    let relay: ServerRelay?

    /// How long connections may take to end after their streams were ended.
    static let grace: TimeAmount = .seconds(4)

    func run() async throws {
        try? await gracefulShutdown()
        try? await hub.endAll()
        relay?.hub.closeAll()
        await listener.shutdown(within: Self.grace)
        await relay?.stopSTUN()
    }
}
