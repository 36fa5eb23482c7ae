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
    private var clients: [SwarmClient] = []
    private var waiting: [SwarmClient] = []
    private var nextWaiting = 0
    private var connecting = 0
    private(set) var isStopping = false
    /// What the clients have done together.
    var progress = SwarmProgress()

    init(
        _ eventLoop: any EventLoop,
        _ configuration: SwarmConfiguration,
        board: SwarmBoard,
        connectingMax: Int,
        tls: NIOSSLContext?
    ) throws(ClientError) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.board = board
        self.connectingMax = connectingMax
        self.tls = tls
        counter = try PeerCounter()
    }

    /// Lets clients begin, as many at a time as may.
    func begin(_ prepared: [PreparedClient]) {
        clients = prepared.map { SwarmClient($0, on: self) }
        waiting = clients
        admit()
    }

    /// A client that has to come again stands at the end of the queue.
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
            connecting += 1
            nextWaiting += 1
            waiting[nextWaiting - 1].connect()
        }
        if nextWaiting == waiting.count {
            waiting = []
            nextWaiting = 0
        }
    }

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
