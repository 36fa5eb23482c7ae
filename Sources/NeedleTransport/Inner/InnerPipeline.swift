// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// The HTTP/2 server side inside a Noise connection.
enum InnerPipeline {
    /// Adds HTTP/2 to the end of the pipeline; its SETTINGS leave at once.
    static func add(
        to channel: any Channel,
        shared: FrontDoorContext,
        router: any InnerRouter,
        peer: InnerPeer,
        ticket: ConnectionLedger.HalfOpenTicket?
    ) throws {
        let connection = InnerConnectionHandler(shared: shared, router: router, peer: peer, ticket: ticket)
        try channel.pipeline.syncOperations.addHandler(connection)
    }
}
