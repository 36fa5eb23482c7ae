// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleTypes
import Testing

@testable import NeedleTransport

@Suite("The connection ledger")
struct ConnectionLedgerTests {
    private func limits(_ change: (inout TransportLimits) -> Void) -> TransportLimits {
        var limits = TransportLimits()
        change(&limits)
        return limits
    }

    private let here = IPAddress(text: "192.0.2.1")
    private let there = IPAddress(text: "192.0.2.2")

    @Test("connections in all are limited, and a closed one makes room")
    func inAll() {
        let ledger = ConnectionLedger(limits: limits { $0.connectionsMax = 2 })
        let channels = (0..<4).map { _ in EmbeddedChannel() }
        #expect(ledger.enter(channels[0], from: here) == .admitted)
        #expect(ledger.enter(channels[1], from: there) == .admitted)
        #expect(ledger.enter(channels[2], from: there) == .full)
        #expect(ledger.admittedCount == 2)
        ledger.leave(channels[2], from: there, as: .full)
        ledger.leave(channels[0], from: here, as: .admitted)
        #expect(ledger.enter(channels[3], from: there) == .admitted)
    }

    @Test(
        "connections from one address are limited",
        arguments: [
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:1", true), ("2001:db8::1", "2001:db8:0:1::1", false),
            ("127.0.0.1", "127.0.0.1", false), ("::1", "::1", false),
        ]
    )
    func perAddress(first: String, second: String, isLimited: Bool) {
        let ledger = ConnectionLedger(limits: limits { $0.connectionsPerAddressMax = 1 })
        let channels = [EmbeddedChannel(), EmbeddedChannel()]
        #expect(ledger.enter(channels[0], from: IPAddress(text: first)) == .admitted)
        #expect(ledger.enter(channels[1], from: IPAddress(text: second)) == (isLimited ? .fullForAddress : .admitted))
    }

    @Test("loopback counts if that is asked for")
    func loopback() {
        let ledger = ConnectionLedger(
            limits: limits {
                $0.connectionsPerAddressMax = 1
                $0.countsLoopback = true
            }
        )
        let channels = [EmbeddedChannel(), EmbeddedChannel()]
        #expect(ledger.enter(channels[0], from: IPAddress(text: "127.0.0.1")) == .admitted)
        #expect(ledger.enter(channels[1], from: IPAddress(text: "127.0.0.1")) == .fullForAddress)
    }

    @Test("those who wait for their refusal are limited too")
    func refusals() {
        let ledger = ConnectionLedger(
            limits: limits {
                $0.connectionsMax = 0
                $0.refusalsMax = 1
            }
        )
        let channels = [EmbeddedChannel(), EmbeddedChannel(), EmbeddedChannel()]
        #expect(ledger.enter(channels[0], from: here) == .full)
        #expect(ledger.enter(channels[1], from: here) == .dropped)
        ledger.leave(channels[0], from: here, as: .full)
        #expect(ledger.enter(channels[2], from: here) == .full)
    }

    @Test("closing admits nobody, and is complete when the last has left")
    func closing() throws {
        let ledger = ConnectionLedger(limits: TransportLimits())
        let loop = EmbeddedEventLoop()
        let channels = [EmbeddedChannel(loop: loop), EmbeddedChannel(loop: loop)]
        #expect(ledger.enter(channels[0], from: here) == .admitted)
        #expect(ledger.beginClosing().count == 1)
        #expect(ledger.beginClosing().isEmpty)
        #expect(ledger.enter(channels[1], from: here) == .dropped)
        let empty = loop.makePromise(of: Void.self)
        ledger.whenEmpty(empty)
        ledger.leave(channels[1], from: here, as: .dropped)
        #expect(!empty.futureResult.isFulfilled)
        ledger.leave(channels[0], from: here, as: .admitted)
        #expect(empty.futureResult.isFulfilled)
        let again = loop.makePromise(of: Void.self)
        ledger.whenEmpty(again)
        #expect(again.futureResult.isFulfilled)
    }

    @Test("every counter has a name and a place of its own")
    func counters() {
        let counters = TransportCounters()
        for counter in TransportCounter.allCases { counters.add(counter) }
        #expect(TransportCounter.allCases.allSatisfy { counters[$0] == 1 })
        #expect(counters.snapshot.count == TransportCounter.allCases.count)
        #expect(counters.snapshot["connections_refused_by_address"] == 1)
        #expect(counters.snapshot["tls_without_certificate"] == 1)
    }
}

extension EventLoopFuture {
    /// Whether it has been completed; on its own loop.
    fileprivate var isFulfilled: Bool {
        var result = false
        assumeIsolated().whenComplete { _ in result = true }
        return result
    }
}
