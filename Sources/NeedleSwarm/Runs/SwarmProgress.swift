// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// How far a load run is.
package struct SwarmProgress: Equatable, Sendable {
    /// Since the start.
    package var seconds = 0.0
    /// What is going on.
    package var phase = "join"
    /// Clients that have begun.
    package var clients = 0
    /// Clients that were let in.
    package var registered = 0
    /// Clients that have had their first map.
    package var mapped = 0
    /// Clients that now have exactly as many peers as they must.
    package var exact = 0
    /// Clients that now have more peers than they must.
    package var excess = 0
    /// Clients that gave up for good.
    package var failed = 0
    /// Attempts and streams that went wrong.
    package var errors = 0
    /// Map messages, keep-alives not counted.
    package var messages = 0
    /// Keep-alives.
    package var keepAlives = 0
    /// Bytes of map streams, as compressed.
    package var wireBytes = 0
    /// When the newest message came, keep-alives apart.
    var lastMessage: NIODeadline?
    /// Messages in a second, since the progress that was told before.
    package var messagesPerSecond: Double?
    /// Bytes in a second, since then.
    package var bytesPerSecond: Double?

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.registered += right.registered
        sum.mapped += right.mapped
        sum.exact += right.exact
        sum.excess += right.excess
        sum.failed += right.failed
        sum.errors += right.errors
        sum.messages += right.messages
        sum.keepAlives += right.keepAlives
        sum.wireBytes += right.wireBytes
        sum.lastMessage = [left.lastMessage, right.lastMessage].compactMap(\.self).max()
        return sum
    }
}

extension SwarmProgress: CustomStringConvertible {
    /// How quickly messages came since the progress before.
    private var rates: String {
        guard let messagesPerSecond, let bytesPerSecond else { return "" }
        let megabytes = ReportText.decimal(bytesPerSecond / 1_000_000, places: 1)
        return " (\(ReportText.decimal(messagesPerSecond, places: 0))/s, \(megabytes) MB/s)"
    }

    package var description: String {
        let megabytes = wireBytes / 1_000_000
        let excess = excess > 0 ? "  too many peers \(excess)" : ""
        return
            "\(ReportText.seconds(seconds))  \(phase)  registered \(registered)/\(clients)  first map \(mapped)  exact \(exact)\(excess)  "
            + "messages \(messages)\(rates)  \(megabytes) MB  errors \(errors)\(failed > 0 ? "  gave up \(failed)" : "")"
    }
}
