// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Says when a server has told its clients everything: when no message has come for a while.
///
/// Servers go on telling after the clients have what they must have, in rounds up to a second apart. Whoever measures
/// what comes next has to wait for that, or counts the one as the other.
struct QuietWatch {
    /// What to do now.
    enum Step: Equatable {
        /// The server is quiet.
        case quiet
        /// It has not become quiet in time.
        case gaveUp
        /// Look again then.
        case wait(until: NIODeadline)
    }

    /// When the waiting began; a silence before that proves nothing, since what was asked may not have begun.
    let start: NIODeadline
    /// How long a silence has to be.
    let silence: TimeAmount
    /// How long it may take until one begins.
    let timeLimit: TimeAmount

    /// Looks at the clock.
    ///
    /// - Parameters:
    ///   - lastMessage: when the newest message of any client came, keep-alives apart; nil if there was none.
    ///   - now: the time.
    /// - Returns: what to do.
    func step(lastMessage: NIODeadline?, now: NIODeadline) -> Step {
        let due = max(lastMessage ?? start, start) + silence
        if now >= due { return .quiet }
        let end = start + timeLimit + silence
        return now >= end ? .gaveUp : .wait(until: min(due, end))
    }

    /// How long the tail was: from the beginning to the newest message.
    func tail(lastMessage: NIODeadline?) -> Double {
        guard let lastMessage, lastMessage > start else { return 0 }
        return Double((lastMessage - start).nanoseconds) / 1e9
    }
}
