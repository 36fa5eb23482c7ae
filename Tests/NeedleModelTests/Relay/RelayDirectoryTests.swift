// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite struct RelayDirectoryTests {
    private typealias Directory = RelayDirectory<Int>

    private func connect(_ directory: inout Directory, _ connection: Int, as number: Int) throws -> Directory.Seat {
        guard case .seated(let seat, _) = directory.connect(connection, as: RelaySamples.key(number)) else {
            Issue.record("no seat")
            throw CancellationError()
        }
        return seat
    }

    @Test("packets go to who is there, and to nobody else")
    func routes() throws {
        var directory = Directory(limits: RelayLimits())
        let seat = try connect(&directory, 10, as: 1)
        _ = try connect(&directory, 20, as: 2)
        #expect(directory.route(to: RelaySamples.key(2), from: 10, at: seat) == 20)
        #expect(directory.route(to: RelaySamples.key(3), from: 10, at: seat) == nil)
        #expect(directory.route(to: RelaySamples.key(1), from: 10, at: seat) == 10, "to itself")
        #expect(directory.clientCount == 2)
        #expect(Set(directory.connections) == [10, 20])
    }

    @Test("of several connections the newest gets the packets, until another one sends")
    func duplicates() throws {
        var directory = Directory(limits: RelayLimits())
        let sender = try connect(&directory, 10, as: 1)
        let old = try connect(&directory, 20, as: 2)
        let new = try connect(&directory, 21, as: 2)
        #expect(directory.clientCount == 2)
        #expect(directory.connectionCount == 3)
        #expect(directory.route(to: RelaySamples.key(2), from: 10, at: sender) == 21)
        _ = directory.route(to: RelaySamples.key(9), from: 20, at: old)
        #expect(directory.route(to: RelaySamples.key(2), from: 10, at: sender) == 20)
        #expect(directory.disconnect(20, at: old) == [])
        #expect(directory.route(to: RelaySamples.key(2), from: 10, at: sender) == 21)
        #expect(directory.disconnect(21, at: new) == [])
        #expect(directory.route(to: RelaySamples.key(2), from: 10, at: sender) == nil)
    }

    @Test("everybody that a client had sent to is told when its last connection goes")
    func departure() throws {
        var directory = Directory(limits: RelayLimits())
        let first = try connect(&directory, 10, as: 1)
        let second = try connect(&directory, 11, as: 1)
        _ = try connect(&directory, 20, as: 2)
        _ = try connect(&directory, 21, as: 2)
        _ = try connect(&directory, 30, as: 3)
        _ = try connect(&directory, 40, as: 4)
        _ = directory.route(to: RelaySamples.key(2), from: 10, at: first)
        _ = directory.route(to: RelaySamples.key(3), from: 11, at: second)
        _ = directory.route(to: RelaySamples.key(3), from: 11, at: second)
        _ = directory.route(to: RelaySamples.key(1), from: 11, at: second)
        #expect(directory.disconnect(10, at: first) == [], "the client is still here")
        #expect(directory.disconnect(11, at: second).sorted() == [20, 21, 30])
        #expect(directory.disconnect(11, at: second) == [], "twice is once")
    }

    @Test("who was sent to is not told of, and pairs end with either end")
    func pairs() throws {
        var directory = Directory(limits: RelayLimits())
        let one = try connect(&directory, 10, as: 1)
        let two = try connect(&directory, 20, as: 2)
        _ = directory.route(to: RelaySamples.key(2), from: 10, at: one)
        #expect(directory.disconnect(20, at: two) == [], "2 sent nothing")
        // Another client gets the free place, and must not inherit the pair.
        _ = try connect(&directory, 30, as: 3)
        #expect(directory.disconnect(10, at: one) == [])
    }

    @Test("a place that is used again remembers nothing")
    func reuse() throws {
        var directory = Directory(limits: RelayLimits())
        let one = try connect(&directory, 10, as: 1)
        _ = try connect(&directory, 20, as: 2)
        _ = directory.route(to: RelaySamples.key(2), from: 10, at: one)
        #expect(directory.disconnect(10, at: one) == [20])
        let three = try connect(&directory, 30, as: 3)
        #expect(directory.route(to: RelaySamples.key(2), from: 10, at: one) == 20, "a stale seat sends,")
        #expect(directory.disconnect(30, at: three) == [], "but is not mistaken for the new one")
    }

    @Test("there is a limit of clients, and known clients pass it")
    func full() throws {
        var limits = RelayLimits()
        limits.clientsMax = 2
        var directory = Directory(limits: limits)
        let one = try connect(&directory, 10, as: 1)
        _ = try connect(&directory, 20, as: 2)
        #expect(directory.connect(30, as: RelaySamples.key(3)) == .full)
        #expect(directory.connect(11, as: RelaySamples.key(1)) == .seated(one, evicted: nil))
        _ = directory.disconnect(10, at: one)
        _ = directory.disconnect(11, at: one)
        #expect(directory.connect(30, as: RelaySamples.key(3)) != .full)
        #expect(directory.clientCount == 2)
    }

    @Test("one connection too many of a client ends its least active one")
    func eviction() throws {
        var limits = RelayLimits()
        limits.connectionsPerClientMax = 2
        var directory = Directory(limits: limits)
        let seat = try connect(&directory, 10, as: 1)
        _ = try connect(&directory, 11, as: 1)
        _ = directory.route(to: RelaySamples.key(9), from: 10, at: seat)
        #expect(directory.connect(12, as: RelaySamples.key(1)) == .seated(seat, evicted: 11))
        #expect(directory.connections(of: RelaySamples.key(1)) == [10, 12])
        #expect(directory.disconnect(11, at: seat) == [])
        #expect(directory.connectionCount == 2)
    }

    @Test("agrees with a plain model of sets under random use", arguments: UInt64(0)..<40)
    func random(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var limits = RelayLimits()
        limits.clientsMax = 12
        limits.connectionsPerClientMax = 3
        var directory = Directory(limits: limits)
        var model = RelayDirectoryModel(limits: limits)
        var seats: [Int: Directory.Seat] = [:]
        for step in 0..<600 {
            let number = Int.random(in: 0..<15, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0...1:
                let evicted = model.connect(step, as: number)
                switch directory.connect(step, as: RelaySamples.key(number)) {
                case .seated(let seat, let other):
                    #expect(evicted == .some(other))
                    seats[step] = seat
                case .full:
                    #expect(evicted == nil)
                }
            case 2:
                guard let (connection, seat) = seats.randomElement(using: &random) else { continue }
                #expect(Set(directory.disconnect(connection, at: seat)) == model.disconnect(connection))
                seats[connection] = nil
            default:
                guard let (connection, seat) = seats.randomElement(using: &random) else { continue }
                let target = directory.route(to: RelaySamples.key(number), from: connection, at: seat)
                #expect(target == model.route(to: number, from: connection))
            }
            #expect(directory.clientCount == model.connections.count)
            #expect(directory.connectionCount == model.connections.values.reduce(0) { $0 + $1.count })
        }
    }
}
