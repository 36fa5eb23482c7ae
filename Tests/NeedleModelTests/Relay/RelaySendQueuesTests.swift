// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@Suite struct RelaySendQueuesTests {
    private typealias Queues = RelaySamples.Queues
    private typealias Outbound = RelayOutbound<[UInt8]>

    private let source = RelaySamples.key(7)

    private func payloads(_ frames: [Outbound]) -> [[UInt8]] {
        frames.compactMap { if case .packet(_, let payload) = $0 { payload } else { nil } }
    }

    @Test("when a queue is full the oldest packet goes", arguments: RelayPacketKind.allCases)
    func overflow(kind: RelayPacketKind) {
        var queues = Queues(limits: RelayLimits())
        for number in 0..<32 {
            #expect(queues.offer([UInt8(number)], from: source, kind: kind) == nil)
        }
        let reason: RelayDropReason = kind == .data ? .dataQueueFull : .discoQueueFull
        #expect(queues.offer([32], from: source, kind: kind) == reason)
        #expect(queues.offer([33], from: source, kind: kind) == reason)
        #expect(queues.packetCount == 32)
        #expect(payloads(queues.take(bytesMax: 1 << 20)) == (2...33).map { [UInt8($0)] })
        #expect(queues.isEmpty)
    }

    @Test("one full queue leaves the other alone")
    func independent() {
        var queues = Queues(limits: RelayLimits())
        for _ in 0..<100 { _ = queues.offer([0], from: source, kind: .data) }
        #expect(queues.offer([1], from: source, kind: .disco) == nil)
        #expect(queues.packetCount == 33)
    }

    @Test("the two kinds take turns, discovery first")
    func turns() {
        var queues = Queues(limits: RelayLimits())
        for number in UInt8(0)..<4 { _ = queues.offer([number], from: source, kind: .data) }
        for number in UInt8(10)..<12 { _ = queues.offer([number], from: source, kind: .disco) }
        #expect(payloads(queues.take(bytesMax: 1 << 20)) == [[10], [0], [11], [1], [2], [3]])
    }

    @Test("a batch is as long as allowed, but never empty while something waits")
    func batches() {
        var queues = Queues(limits: RelayLimits())
        for _ in 0..<3 { _ = queues.offer(Array(repeating: 0, count: 63), from: source, kind: .data) }
        #expect(queues.take(bytesMax: 200).count == 2)
        #expect(queues.take(bytesMax: 10).count == 1)
        #expect(queues.isEmpty)
        _ = queues.offerDeparture(of: source)
        #expect(queues.take(bytesMax: 1) == [.peerGone(source, .disconnected)])
        #expect(queues.take(bytesMax: 1) == [])
    }

    @Test("departures follow the packets, once each, up to their limit")
    func departures() {
        var limits = RelayLimits()
        limits.queuedNoticesMax = 2
        var queues = Queues(limits: limits)
        #expect(queues.offerDeparture(of: RelaySamples.key(1)) == nil)
        #expect(queues.offerDeparture(of: RelaySamples.key(1)) == nil)
        #expect(queues.offerDeparture(of: RelaySamples.key(2)) == nil)
        #expect(queues.offerDeparture(of: RelaySamples.key(3)) == .noticeQueueFull)
        #expect(queues.noticeCount == 2)
        _ = queues.offer([1], from: RelaySamples.key(1), kind: .data)
        #expect(
            queues.take(bytesMax: 1 << 20) == [
                .packet(from: RelaySamples.key(1), [1]), .peerGone(RelaySamples.key(1), .disconnected),
                .peerGone(RelaySamples.key(2), .disconnected),
            ]
        )
    }

    @Test("emptying counts the packets")
    func removeAll() {
        var queues = Queues(limits: RelayLimits())
        _ = queues.offer([1], from: source, kind: .data)
        _ = queues.offer([1], from: source, kind: .disco)
        _ = queues.offerDeparture(of: source)
        #expect(queues.removeAll() == 2)
        #expect(queues.isEmpty)
    }

    @Test("random use keeps each kind's order and the newest packets", arguments: UInt64(0)..<50)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var limits = RelayLimits()
        limits.queuedPacketsMax = Int.random(in: 1...5, using: &random)
        var queues = Queues(limits: limits)
        var model: [RelayPacketKind: [[UInt8]]] = [.data: [], .disco: []]
        for step in 0..<300 {
            if Bool.random(using: &random) {
                let kind: RelayPacketKind = Bool.random(using: &random) ? .data : .disco
                let payload = [kind == .data ? 0 : 1, UInt8(step & 255)]
                let drop = queues.offer(payload, from: source, kind: kind)
                model[kind, default: []].append(payload)
                let overflows = model[kind, default: []].count > limits.queuedPacketsMax
                if overflows { model[kind]?.removeFirst() }
                #expect((drop != nil) == overflows)
            } else {
                let bytesMax = Int.random(in: 0...200, using: &random)
                let taken = payloads(queues.take(bytesMax: bytesMax))
                #expect(taken.count * 39 <= max(bytesMax, 39))
                for payload in taken {
                    let kind: RelayPacketKind = payload.first == 0 ? .data : .disco
                    #expect(model[kind]?.first == payload)
                    model[kind]?.removeFirst()
                }
            }
            #expect(queues.packetCount == model.values.reduce(0) { $0 + $1.count })
        }
    }
}
