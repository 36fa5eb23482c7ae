// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a load run does.
package struct SwarmConfiguration: Sendable {
    /// One client of the run.
    package struct Member: Sendable {
        /// Its host name.
        package var hostname: String
        /// What lets it in.
        package var authKey: String
        /// How many peers it must see in the end.
        package var expectedPeers: Int

        /// A client that must see this many others.
        package init(hostname: String, authKey: String, expectedPeers: Int) {
            self.hostname = hostname
            self.authKey = authKey
            self.expectedPeers = expectedPeers
        }
    }

    /// The server; it must be on loopback.
    package var target: ControlTarget
    /// The clients.
    package var members: [Member]
    /// Clients that are between their first byte and the answer to their registration, at most.
    package var connectingMax = 256
    /// Event loops of the run.
    package var threads = 2
    /// Whether the clients ask for zstd.
    package var compresses = true
    /// What the clients claim to understand.
    package var version = CapabilityVersion.current
    /// How often a client tries again after a failure, as real ones do without end.
    package var attemptsMax = 5
    /// From a client's first byte to its registration's answer.
    package var connectTimeLimit = Duration.seconds(60)
    /// After which the run ends, whatever is missing.
    package var timeLimit = Duration.seconds(300)
    /// How long the clients are held after everything has arrived, for the server's idle cost.
    package var idleTime = Duration.zero
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

    /// Whether every client must see every other.
    var isMesh: Bool { members.allSatisfy { $0.expectedPeers == members.count - 1 } }
}
