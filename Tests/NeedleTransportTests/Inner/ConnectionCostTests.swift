// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import NeedleTransport

@Suite("What a connection costs")
struct ConnectionCostTests {
    // In a process of its own, where nobody else allocates meanwhile.
    @Test("HTTP/2 with an open stream takes less than 4 KiB beside its channel")
    func memory() async {
        await #expect(processExitsWith: .success) {
            let count = 2000
            let warm = try (PlainStream(), BareConnection())
            let start = try ResidentMemory.bytes()
            let bare = try (0..<count).map { _ in try BareConnection() }
            let between = try ResidentMemory.bytes()
            let streams = try (0..<count).map { _ in try PlainStream() }
            let channel = (between - start) / count
            let each = (try ResidentMemory.bytes() - between) / count - channel
            print("HTTP/2 with an open stream: \(each) bytes, its channel in memory: \(channel) bytes")
            withExtendedLifetime((warm, bare, streams)) {
                precondition(each < 4096, "a connection costs \(each) bytes")
            }
        }
    }
}

/// A connection with one stream that is held open.
private final class PlainStream {
    let connection: PlainConnection
    let exchange: InnerExchange

    init() throws {
        connection = try PlainConnection()
        exchange = try connection.start(stream: 1)
        connection.router.forget()
        exchange.write(ByteBuffer(repeating: 1, count: 1000))
        _ = try connection.takeFrames()
    }
}

/// What ``PlainConnection`` has besides HTTP/2.
private final class BareConnection {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let router = RecordingRouter()
    let counters = TransportCounters()

    init() throws {
        channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    }
}

/// What this process has in memory.
private enum ResidentMemory {
    struct Unreadable: Error {}

    static func bytes() throws -> Int {
        let text = try String(contentsOf: URL(filePath: "/proc/self/statm"), encoding: .utf8)
        guard let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { throw Unreadable() }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
