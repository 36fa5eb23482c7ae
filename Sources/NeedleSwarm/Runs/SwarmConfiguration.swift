// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a load run does.
package struct SwarmConfiguration: Sendable {
    /// One client of the run.
    package struct Member: Sendable {
        /// Its host name.
        package var hostname: String
        /// The system it says it runs.
        package var osname = "linux"
        /// What lets it in.
        package var authKey: String
        /// How many peers it must see in the end.
        package var expectedPeers: Int
        /// Its place among those who join first, one after another, so that they get certain addresses; nil for the rest.
        package var rank: Int?

        /// A client that must see this many others.
        package init(hostname: String, authKey: String, expectedPeers: Int) {
            self.hostname = hostname
            self.authKey = authKey
            self.expectedPeers = expectedPeers
        }
    }

    /// The server.
    package var target: ControlTarget
    /// Whether a server elsewhere than on this machine may be loaded.
    package var allowsRemote = false
    /// The clients.
    package var members: [Member]
    /// The members' fleet and policies; without one, only counts are checked, and few scenarios are possible.
    package var plan: SwarmPlan?
    /// What happens after all have joined.
    package var scenarios: [SwarmScenario] = []
    /// What the run can do to the server.
    package var control = SwarmControl()
    /// Clients that are between their first byte and the answer to their registration, at most.
    package var connectingMax = 256
    /// Clients that begin in a second; nil for all at once.
    package var rate: Double?
    /// Event loops of the run.
    package var threads = 2
    /// Whether the clients ask for zstd.
    package var compresses = true
    /// What the clients claim to understand.
    package var version = CapabilityVersion.current
    /// How often a client tries again after a failure while joining, as real ones do without end.
    package var attemptsMax = 5
    /// From a client's first byte until its handshake is done; for answers there is the time limit of the part alone.
    package var connectTimeLimit = Duration.seconds(60)
    /// After which a part of the run ends, whatever is missing.
    package var timeLimit = Duration.seconds(300)
    /// How long nothing may move before it is looked whether a client sees whom it must not, in which case the run ends.
    package var excessGrace = Duration.seconds(5)
    /// How long no message comes, after which a part of the run is over; servers tell in rounds, some 0.8 s apart.
    package var silence = Duration.milliseconds(1200)
    /// The same after the joining, when what comes next may be the idle server.
    package var joiningSilence = Duration.seconds(3)
    /// How long a silence is waited for.
    package var silenceTimeLimit = Duration.seconds(60)
    /// How long the clients are held after everything has arrived, for the server's idle cost.
    package var idleTime = Duration.zero
    /// How long nodes change in `churn`.
    package var churnTime = Duration.seconds(20)
    /// The share of nodes that change each second in `churn`.
    package var churnShare = 0.01
    /// Clients that are held back for `newcomer`.
    package var newcomers = 10
    /// How long `soak` goes on.
    package var soakTime = Duration.seconds(3600)
    /// The server's process, if its cost is to be reported.
    package var serverPID: Int?
    /// How often progress is reported.
    package var progressInterval = Duration.seconds(1)
    /// Windows of each client; less than Go's, which no map needs.
    package var windows = HTTP2Windows(stream: 1 << 20, connection: 4 << 20)

    /// A run of these clients against this server.
    package init(target: ControlTarget, members: [Member]) {
        self.target = target
        self.members = members
    }

    /// As many clients as wanted, all let in by one key, that must all see each other.
    package init(mesh count: Int, of target: ControlTarget, authKey: String) {
        let members = (0..<count).map {
            Member(hostname: "swarm-\($0 + 1)", authKey: authKey, expectedPeers: count - 1)
        }
        self.init(target: target, members: members)
    }

    /// The clients of a plan.
    ///
    /// - Parameters:
    ///   - plan: the fleet.
    ///   - target: the server.
    ///   - keys: the auth keys' texts by the names that the roster uses.
    /// - Throws: ``PlanError`` if a key is missing.
    package init(_ plan: SwarmPlan, of target: ControlTarget, keys: [String: String]) throws(PlanError) {
        var members: [Member] = []
        for node in plan.roster.nodes {
            guard let key = keys[node.key] else {
                throw PlanError(
                    "there is no auth key for '\(node.key)' among the keys; node '\(node.hostname)' needs one"
                )
            }
            var member = Member(hostname: node.hostname, authKey: key, expectedPeers: node.expectPeers)
            member.osname = node.osname
            member.rank = node.address.flatMap { IPAddress(text: $0) }.map { Int(truncatingIfNeeded: $0.bits) }
            members.append(member)
        }
        self.init(target: target, members: members)
        self.plan = plan
    }

    /// Whether every client must see every other.
    var isMesh: Bool { members.allSatisfy { $0.expectedPeers == members.count - 1 } }
}
