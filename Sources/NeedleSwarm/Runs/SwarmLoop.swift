// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOSSL

/// The clients of one event loop, and what they share.
final class SwarmLoop {
    let eventLoop: any EventLoop
    let configuration: SwarmConfiguration
    let board: SwarmBoard
    let scratch = LoopScratch()
    let counter: PeerCounter
    let tls: NIOSSLContext?
    private let connectingMax: Int
    private let rate: Double?
    private let start = NIODeadline.now()
    private var clients: [SwarmClient] = []
    private var waiting: [SwarmClient] = []
    private var nextWaiting = 0
    private var admitted = 0
    private var connecting = 0
    private var isAdmissionScheduled = false
    private(set) var isStopping = false
    /// What the clients have done together.
    var progress = SwarmProgress()
    /// How quickly they were told of changes.
    var deliveries = DeliveryTimes()

    /// The loop of a share of the clients: `share` is how many loops there are.
    init(
        _ eventLoop: any EventLoop,
        _ configuration: SwarmConfiguration,
        board: SwarmBoard,
        share: Int,
        tls: NIOSSLContext?
    ) throws(ClientError) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.board = board
        connectingMax = max(configuration.connectingMax / share, 1)
        rate = configuration.rate.map { $0 / Double(share) }
        self.tls = tls
        counter = try PeerCounter()
    }

    /// Takes the clients in, without letting them begin.
    func hold(_ prepared: [PreparedClient]) {
        clients = prepared.map { SwarmClient($0, on: self) }
    }

    /// Calls `body` with each client.
    func withEach(_ body: (SwarmClient) -> Void) {
        for client in clients { body(client) }
    }

    /// The client that was taken in at a place, if there still is one.
    func client(_ place: Int) -> SwarmClient? {
        clients.indices.contains(place) ? clients[place] : nil
    }

    // MARK: - Admission

    /// A client that has to come stands at the end of the queue.
    func enqueue(_ client: SwarmClient) {
        waiting.append(client)
        admit()
    }

    /// A client is through with connecting, whether it succeeded or not.
    func connectingEnded() {
        connecting -= 1
        admit()
    }

    private func admit() {
        while connecting < connectingMax, !isStopping, nextWaiting < waiting.count {
            guard mayAdmitNow() else { return }
            connecting += 1
            admitted += 1
            nextWaiting += 1
            waiting[nextWaiting - 1].connect()
        }
        if nextWaiting == waiting.count {
            waiting = []
            nextWaiting = 0
        }
    }

    /// With a rate, whether the next client's time has come; if not, it is looked again then.
    private func mayAdmitNow() -> Bool {
        guard let rate, rate > 0 else { return true }
        let due = start + .nanoseconds(Int64(Double(admitted) / rate * 1e9))
        guard due > .now() else { return true }
        guard !isAdmissionScheduled else { return false }
        isAdmissionScheduled = true
        eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            self.isAdmissionScheduled = false
            self.admit()
        }
        return false
    }

    // MARK: - Results

    /// What each client has seen.
    var results: [SwarmClientResult] { clients.map(\.result) }

    /// Closes everything; after that there are no results.
    func stop() {
        isStopping = true
        for client in clients { client.close() }
        // Clients and loop refer to each other.
        clients = []
        waiting = []
    }
}
