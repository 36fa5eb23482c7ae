// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel
internal import NeedleTypes

/// One streaming map request: a session and the exchange that it writes to.
///
/// Lives on its event loop.
final class MapStream {
    let exchange: InnerExchange
    let isCompressed: Bool
    private(set) var session: MapSession
    /// When the client must hear something again.
    var keepAliveDue: NIODeadline
    /// When a full map was written that the client has not taken in yet.
    var fullMapWritten: NIODeadline?
    /// Whether it waits for its turn to get a full map.
    var waitsForFullMap = false
    /// Where its node is in the node table, once it has been told anything.
    var slot: NodeSlot?
    /// Whether neither side has ended it.
    var isOpen = true
    /// Whether something concerned it that it could not take yet.
    var isBehind = false

    init(exchange: InnerExchange, session: MapSession, isCompressed: Bool, keepAliveDue: NIODeadline) {
        self.exchange = exchange
        self.session = session
        self.isCompressed = isCompressed
        self.keepAliveDue = keepAliveDue
    }

    /// Brings the session up to `snapshot`; whoever is not behind knows all that concerns it up to `settled`.
    func step(
        to snapshot: TailnetSnapshot,
        settled: Revision,
        _ findings: inout SharedFindings
    ) -> MapSession.Step {
        if !isBehind { session.skip(to: settled) }
        isBehind = false
        return session.step(to: snapshot, &findings)
    }
}
