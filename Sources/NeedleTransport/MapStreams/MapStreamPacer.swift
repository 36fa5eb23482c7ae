// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// How much of an event loop's time goes to map messages.
///
/// While clients come in, letting them in comes first: whoever is told of many at once costs less than whoever is told
/// of each, and nobody who waits at the door can be told anything. When nobody comes, messages take all the time there is,
/// with a look at the sockets between two pieces of work.
///
/// (Of 2,000 clients under 15,000 rules, each of which changes the filters of hundreds, all had their maps after 7 s so, and
/// after 44 s without rests: the more is told, the slower clients come in, and the more often everybody is told.)
struct MapStreamPacer {
    enum Work {
        /// Telling new streams everything.
        case fullMaps
        /// Telling streams what has changed.
        case rounds
    }

    /// For how long after one client others are awaited: half the time for which they have been coming, within these
    /// bounds.
    static let arrivalsLast: ClosedRange<TimeAmount> = .milliseconds(40) ... .milliseconds(250)
    /// For how long after that they may still be on their way, because one side or the other is busy.
    static let stragglersLast: TimeAmount = .milliseconds(750)
    /// Long enough for the loop to look at its sockets: work that is due at once is done before them, and would keep them
    /// waiting for as long as there is any.
    static let breath: TimeAmount = .microseconds(100)

    private let restFactor: Int64
    private var fullMaps = Stint()
    private var rounds = Stint()
    private var firstArrival = NIODeadline.uptimeNanoseconds(0)
    private var arrivalsUntil: NIODeadline?

    private struct Stint {
        var end = NIODeadline.uptimeNanoseconds(0)
        var length = TimeAmount.nanoseconds(0)
    }

    /// A rest lasts `restFactor` times as long as the work before it while clients come in, and as long while stragglers
    /// may.
    init(restFactor: Int64) {
        self.restFactor = restFactor
    }

    /// A client wants to be let in, or has been and has opened a stream.
    mutating func clientCame(at now: NIODeadline) {
        if arrivalsUntil.map({ now >= $0 + Self.stragglersLast }) ?? true { firstArrival = now }
        let half = TimeAmount.nanoseconds((now - firstArrival).nanoseconds / 2)
        arrivalsUntil = now + min(max(half, Self.arrivalsLast.lowerBound), Self.arrivalsLast.upperBound)
    }

    /// Some of `work` was done.
    mutating func worked(_ work: Work, from start: NIODeadline, to end: NIODeadline) {
        let stint = Stint(end: end, length: end - start)
        switch work {
        case .fullMaps: fullMaps = stint
        case .rounds: rounds = stint
        }
    }

    /// When more of `work` may be done: after its rest while clients come, soon otherwise.
    func resumption(of work: Work, now: NIODeadline) -> NIODeadline {
        let soon = now + Self.breath
        guard let arrivalsUntil else { return soon }
        let stint =
            switch work {
            case .fullMaps: fullMaps
            case .rounds: rounds
            }
        if now < arrivalsUntil {
            return max(soon, min(stint.end + .nanoseconds(stint.length.nanoseconds * restFactor), arrivalsUntil))
        }
        return now < arrivalsUntil + Self.stragglersLast ? max(soon, stint.end + stint.length) : soon
    }
}
