// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Synchronization

/// Official clients, all in one Python process, which does what a scenario tells it; see nodes.py.
final class Clients: Sendable {
    /// Generous, since what is awaited normally takes a second, and the machine may have much else to do.
    static let stepLimit = 45
    /// How long nothing may get through for it to count as blocked; TCP and UDP are tried all the while.
    static let blockedSeconds = 4
    /// How long a client may try to join with a key that is no good; it normally gives up at once.
    static let refusalSeconds = 30
    /// How long the process may take beyond what an order allows.
    private static let answerMargin = 30

    private let process: ChildProcess
    private let answersRead = Mutex(0)

    private init(_ server: TestServer, _ number: Int) throws {
        let keys = server.folder.appending(path: "keys")
        try FileManager.default.createDirectory(at: keys, withIntermediateDirectories: true)
        let arguments = [Interop.script("nodes.py"), keys].map { $0.path(percentEncoded: false) } + [server.url]
        process = try ChildProcess("clients-\(number)", Interop.python(), arguments, in: server.folder)
    }

    /// Runs `scenario` with a new process of clients, which keep their keys with `server`, and ends it.
    static func run<Result>(on server: TestServer, _ scenario: (Clients) async throws -> Result) async throws -> Result
    {
        let clients = try Clients(server, server.nextNumber())
        do {
            let result = try await scenario(clients)
            await clients.process.end()
            return result
        } catch {
            print("the clients' last words:\n\(clients.process.lastErrors)")
            await clients.process.end()
            throw error
        }
    }

    /// What the clients have logged of late.
    var log: String { process.lastErrors }

    // MARK: - Orders

    struct Joined: Decodable {
        /// The addresses of each client that joined, IPv4 first.
        let joined: [String: [String]]
        /// What each of the others said.
        let refused: [String: String]
    }

    /// Lets clients join with `key`, and returns the addresses of each.
    @discardableResult
    func join(_ names: [String], key: String) async throws -> [String: [String]] {
        let answer = try await tryJoining(names, key: key)
        guard answer.refused.isEmpty else { throw InteropError("these could not join: \(answer.refused)") }
        return answer.joined
    }

    /// Lets clients join, each with its own key, and returns the addresses of each.
    @discardableResult
    func join(_ keys: [String: String]) async throws -> [String: [String]] {
        var addresses: [String: [String]] = [:]
        for (name, key) in keys.sorted(by: { $0.key < $1.key }) {
            addresses.merge(try await join([name], key: key)) { $1 }
        }
        return addresses
    }

    /// Lets clients try to join for `seconds`.
    func tryJoining(_ names: [String], key: String, seconds: Int = stepLimit) async throws -> Joined {
        try await obey(Order(order: "join", within: seconds, names: names, key: key))
    }

    /// Waits until all of these know each other by name and address.
    func settle(_ names: [String]) async throws {
        struct Settled: Decodable { let problems: [String] }
        let answer: Settled = try await obey(Order(order: "settle", within: Self.stepLimit, names: names))
        guard answer.problems.isEmpty else { throw InteropError(answer.problems.joined(separator: ", ")) }
    }

    /// Fails unless TCP and UDP get through between `a` and `b` in both directions.
    func exchange(_ a: String, _ b: String) async throws {
        let missing = Set(Self.ways(a, b)).subtracting(try await probe(a, b, seconds: Self.stepLimit))
        guard missing.isEmpty else { throw InteropError("did not get through: \(missing.sorted())") }
    }

    /// Waits until nothing gets through between `a` and `b`, in either direction, for as long as is tried.
    func awaitBlocked(_ a: String, _ b: String) async throws {
        let deadline = ContinuousClock.now + .seconds(Self.stepLimit)
        while true {
            let through = try await probe(a, b, seconds: Self.blockedSeconds)
            if through.isEmpty { return }
            if ContinuousClock.now > deadline { throw InteropError("still get through: \(through)") }
        }
    }

    /// What gets through between `a` and `b`, when it is tried for `seconds` in each direction.
    func probe(_ a: String, _ b: String, seconds: Int) async throws -> [String] {
        struct Probed: Decodable { let through: [String] }
        let answer: Probed = try await obey(Order(order: "probe", within: seconds, pairs: [[a, b], [b, a]]))
        return answer.through
    }

    static func ways(_ a: String, _ b: String) -> [String] {
        ["\(a)>\(b)", "\(b)>\(a)"].flatMap { ["\($0) tcp", "\($0) udp"] }
    }

    // MARK: - Lines

    private struct Order: Encodable {
        let order: String
        let within: Int
        var names: [String]?
        var key: String?
        var pairs: [[String]]?
    }

    private func obey<Answer: Decodable>(_ order: Order) async throws -> Answer {
        try process.write(try JSONEncoder().encode(order) + Data("\n".utf8))
        let number = answersRead.withLock { count in
            defer { count += 1 }
            return count
        }
        let limit = Duration.seconds(order.within * max(1, order.pairs?.count ?? 1) + Self.answerMargin)
        var answer = Substring()
        try await process.wait(until: "it obeyed '\(order.order)'", within: limit) {
            let lines = process.output.split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count > number + 1 else { return false }
            answer = lines[number]
            return true
        }
        return try JSONDecoder().decode(Answer.self, from: Data(answer.utf8))
    }
}
