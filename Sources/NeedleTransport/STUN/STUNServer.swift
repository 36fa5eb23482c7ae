// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
import NIOPosix
package import NeedleTypes
import Synchronization

/// Tells Tailscale clients which address their datagrams come from.
///
/// - Source: RFC 8489; see ``STUNBindingRequest`` for who gets an answer.
package final class STUNServer: Sendable {
    /// How many datagrams are read at once.
    private static let datagramsPerRead = 16

    /// Where it listens; the port that was given out if 0 was asked for.
    package let boundEndpoint: Endpoint

    private let channel: any Channel
    private let counts: Counts

    private init(channel: any Channel, counts: Counts, boundEndpoint: Endpoint) {
        self.channel = channel
        self.counts = counts
        self.boundEndpoint = boundEndpoint
    }

    /// Binds and begins to answer.
    ///
    /// - Throws: what the system says if the address cannot be bound.
    package static func start(on endpoint: Endpoint, group: any EventLoopGroup) async throws -> STUNServer {
        let counts = Counts()
        let buffers = FixedSizeRecvByteBufferAllocator(capacity: 2_048 * datagramsPerRead)
        let bootstrap = DatagramBootstrap(group: group)
            .channelOption(.datagramVectorReadMessageCount, value: datagramsPerRead)
            .channelOption(.recvAllocator, value: buffers)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(STUNHandler { counts.increment($0) })
                }
            }
        let channel = try await bootstrap.bind(host: endpoint.address.description, port: Int(endpoint.port)).get()
        let bound = channel.localAddress.flatMap(STUNHandler.endpoint(of:)) ?? endpoint
        return STUNServer(channel: channel, counts: counts, boundEndpoint: bound)
    }

    /// What it has done so far.
    package var counters: STUNCounters { counts.values }

    /// Ends; a second time does nothing.
    package func stop() async {
        // The only error is that it is closed already.
        try? await channel.close().get()
    }

    /// The counters, shared by the socket's event loop and whoever asks.
    private final class Counts: Sendable {
        private let state = Mutex(STUNCounters())

        var values: STUNCounters { state.withLock { $0 } }

        func increment(_ counter: WritableKeyPath<STUNCounters, UInt64>) {
            state.withLock { $0[keyPath: counter] += 1 }
        }
    }
}
