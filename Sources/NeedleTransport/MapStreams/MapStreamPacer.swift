// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel
internal import NeedleTypes

/// How much of an event loop's time goes to map messages.
///
/// While clients come in, letting them in comes first: whoever is told of many at once costs less than whoever is told
/// of each, and nobody who waits at the door can be told anything. When nobody comes, messages take all the time there is,
/// with a look at the sockets between two pieces of work.
///
/// The time that the loop has worked does not count as time in which nobody came. (When it did, 200 clients under 15,000
/// rules had their maps after 0.34 to 0.60 s, since full maps began between two handfuls of them; now after 0.37 to 0.43 s.)
///
/// (Of 2,000 clients under 15,000 rules, each of which changes the filters of hundreds, all had their maps after 7 s so, and
/// after 44 s without rests: the more is told, the slower clients come in, and the more often everybody is told.)
///
/// After a short rush full maps rest less the longer nobody has come, and do not wait for stragglers: while they did, a third
/// of the processor's time was idle (200 clients had their maps after 0.66 s, now after 0.53 s). After a long one they do
/// wait: of 5,000 clients whose maps take 6 ms each, the last got in after 31 s when they did not, and after 9 s before.
struct MapStreamPacer {
    enum Work {
        /// Telling new streams everything.
        case fullMaps
        /// Telling streams what has changed.
        case rounds
    }

    /// This many different nodes within the longest ``arrivalsLast`` are a rush; fewer keep nobody waiting, and one that
    /// comes again and again counts once.
    static let rushMin = 16
    /// For how long after one client others are awaited: half the time for which they have been coming, within these
    /// bounds.
    static let arrivalsLast: ClosedRange<TimeAmount> = .milliseconds(40) ... .milliseconds(250)
    /// Rest that was not needed is saved, up to this: one round that concerns many, after a while with little to tell,
    /// does not keep the next waiting.
    ///
    /// (Of 100 clients that came to 400 within half a second, one was seen by all: telling them took 7 ms, and whoever
    /// came next was told of 60 ms later.)
    static let restSavedMax: TimeAmount = .milliseconds(100)
    /// For how long after that they may still be on their way, because one side or the other is busy; what still has a rest
    /// leaves them half of the time.
    static let stragglersLast: TimeAmount = .milliseconds(750)
    /// Changes that can wait are told together: after telling some, work rests this many times as long as that took, but
    /// no longer than ``patienceMax``.
    ///
    /// (Of 5,000 nodes of which each sees 700 and 50 change their endpoints each second, telling each change at once took
    /// 53 % of a core, nearly all of it for sealing and sending 27,000 messages a second. headscale gathers changes for
    /// 800 ms whatever they are.)
    static let patienceFactor: Int64 = 9
    /// See ``patienceFactor``.
    static let patienceMax: TimeAmount = .milliseconds(800)
    /// For how long others are not told of a node that has registered, so that they are told once and not twice when it
    /// opens its stream: with 5,000 nodes that all see each other, 5,000 messages for each and not 5,700.
    static let lull: TimeAmount = .milliseconds(50)
    /// A rush that has lasted less long is a short one.
    static let shortRush: TimeAmount = .seconds(1)
    /// Long enough for the loop to look at its sockets: work that is due at once is done before them, and would keep them
    /// waiting for as long as there is any.
    static let breath: TimeAmount = .microseconds(100)

    private let restFactor: Int64
    private var fullMaps = Stint()
    private var rounds = Stint()
    /// The rest that rounds had beyond what they owed, up to the end of the last; see ``restSavedMax``.
    private var restSaved = TimeAmount.nanoseconds(0)
    /// The last arrivals, oldest first, as many as ``rushMin``.
    private var recent: [(node: NodeID, time: NIODeadline)] = []
    /// What the last round took, all its pieces of work together.
    private var roundLength = TimeAmount.nanoseconds(0)
    private var isInRound = false
    private var rush: Rush?

    private struct Stint {
        var end = NIODeadline.uptimeNanoseconds(0)
        var length = TimeAmount.nanoseconds(0)
    }

    /// Clients that come by the dozen.
    private struct Rush {
        var first: NIODeadline
        var last: NIODeadline

        /// For how long after the last of them others are awaited.
        var wait: TimeAmount {
            let half = TimeAmount.nanoseconds((last - first).nanoseconds / 2)
            return min(max(half, arrivalsLast.lowerBound), arrivalsLast.upperBound)
        }

        var end: NIODeadline { last + wait }
        var stragglersEnd: NIODeadline { end + stragglersLast }
        var isShort: Bool { last - first < shortRush }

        /// Takes note that nobody could come for so long.
        mutating func pause(for length: TimeAmount) {
            first = first + length
            last = last + length
        }
    }

    /// A rest lasts `restFactor` times as long as the work before it while clients come in, and as long while stragglers
    /// may.
    init(restFactor: Int64) {
        self.restFactor = restFactor
    }

    /// A client has been let in, or has opened a stream.
    mutating func clientCame(_ node: NodeID, at now: NIODeadline) {
        recent.removeAll { $0.time + Self.arrivalsLast.upperBound <= now || $0.node == node }
        recent.append((node, now))
        guard recent.count > Self.rushMin else { return }
        let earlier = recent.removeFirst().time
        if let rush, now < rush.stragglersEnd {
            self.rush = Rush(first: rush.first, last: now)
        } else {
            rush = Rush(first: earlier, last: now)
            // Nothing that came before counts: it would be spent while most of them are still at the door.
            restSaved = rounds.end - now
        }
    }

    /// Some of `work` was done; `isLast` says that a round is complete.
    mutating func worked(_ work: Work, from start: NIODeadline, to end: NIODeadline, isLast: Bool = true) {
        let stint = Stint(end: end, length: end - start)
        // While the loop works it lets nobody in, which says nothing about who is at the door.
        if let rush, start < rush.end { self.rush?.pause(for: stint.length) }
        switch work {
        case .fullMaps:
            fullMaps = stint
            // To rounds this was no rest.
            restSaved = restSaved - stint.length
        case .rounds:
            let owed = rounds.length.nanoseconds * restFactor
            let saved = restSaved.nanoseconds + (start - rounds.end).nanoseconds - owed
            restSaved = min(max(.nanoseconds(saved), .zero), Self.restSavedMax)
            rounds = stint
            roundLength = isInRound ? roundLength + stint.length : stint.length
            isInRound = !isLast
        }
    }

    /// When more of `work` may be done: after its rest while clients come, otherwise as soon as its `haste` demands.
    func resumption(of work: Work, now: NIODeadline, _ haste: Haste = .now) -> NIODeadline {
        let stint =
            switch work {
            case .fullMaps: fullMaps
            case .rounds: rounds
            }
        let soon = stint.end + Self.breath
        if let rush, now < rush.stragglersEnd { return max(soon, stint.end + rest(after: stint, of: work, rush, now)) }
        let patience = min(.nanoseconds(roundLength.nanoseconds * Self.patienceFactor), Self.patienceMax)
        switch haste {
        case .now: return soon
        case .soon: return max(soon, now + Self.lull)
        case .whenever: return max(soon, stint.end + patience)
        }
    }

    /// How long work rests while clients come, or stragglers may.
    private func rest(after stint: Stint, of work: Work, _ rush: Rush, _ now: NIODeadline) -> TimeAmount {
        let leavesRestSooner = work == .fullMaps && rush.isShort
        guard now < rush.end else { return leavesRestSooner ? .zero : stint.length }
        let owed = stint.length.nanoseconds * restFactor
        let full = work == .rounds ? max(owed - max(restSaved.nanoseconds, 0), 0) : owed
        // What is left of the wait, of one.
        let share = Double((rush.end - now).nanoseconds) / Double(rush.wait.nanoseconds)
        let rest = leavesRestSooner ? Int64(Double(full) * share) : full
        return min(.nanoseconds(rest), rush.end - stint.end)
    }
}
