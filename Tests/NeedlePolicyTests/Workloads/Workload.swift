// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedlePolicy
import NeedleTypes

/// What workload.py wrote.
struct Workload {
    struct Choice: Sendable, CustomStringConvertible {
        let preset: String
        let nodes: Int

        var description: String { "\(preset), \(nodes) nodes" }
    }

    private struct Roster: Decodable {
        struct Node: Decodable {
            let user: String?
            let tags: [String]?
            let expectPeers: Int
            let expectPeers2: Int

            enum CodingKeys: String, CodingKey {
                case user
                case tags
                case expectPeers = "expect_peers"
                case expectPeers2 = "expect_peers2"
            }
        }

        let users: [String]
        let nodes: [Node]
    }

    let policy: [UInt8]
    let editedPolicy: [UInt8]
    let nodes: [NodeFacts]
    /// How many peers each node has under each policy.
    let peers: [Int]
    let editedPeers: [Int]

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let environment = ProcessInfo.processInfo.environment

    private static let script =
        environment["NEEDLETAIL_BENCH"].map { URL(fileURLWithPath: $0) }
        ?? root.deletingLastPathComponent().appendingPathComponent("shared/bench/workload.py")

    /// A Python that can run the script.
    private static let python = try? output(of: "/bin/sh", [root.appendingPathComponent("Scripts/find-python.sh").path])
        .trimmingCharacters(in: .whitespacesAndNewlines)

    static var isAvailable: Bool {
        FileManager.default.fileExists(atPath: script.path) && python.map { !$0.isEmpty } ?? false
    }

    /// All sizes with `NEEDLETAIL_WORKLOADS=all`; the larger ones take minutes in debug builds.
    static let chosen: [Choice] = (environment["NEEDLETAIL_WORKLOADS"] == "all" ? [2_000, 5_000, 10_000] : [2_000])
        .flatMap { nodes in ["acl15k", "brutal"].map { Choice(preset: $0, nodes: nodes) } }

    init(_ choice: Choice) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("needletail-\(choice.preset)-\(choice.nodes)-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try Self.output(
            of: Self.python ?? "",
            [Self.script.path, choice.preset, "--nodes", "\(choice.nodes)", "--out", folder.path]
        )
        policy = Array(try Data(contentsOf: folder.appendingPathComponent("policy.hujson")))
        editedPolicy = Array(try Data(contentsOf: folder.appendingPathComponent("policy2.hujson")))
        let roster = try JSONDecoder().decode(
            Roster.self,
            from: Data(contentsOf: folder.appendingPathComponent("roster.json"))
        )
        let ids = Dictionary(uniqueKeysWithValues: roster.users.enumerated().map { ($1, Int64($0 + 1)) })
        nodes = roster.nodes.enumerated().map { index, node in
            NodeFacts(
                slot: NodeSlot(index),
                id: NodeID(Int64(index + 1)),
                user: node.user.map { UserFacts(id: UserID(ids[$0] ?? 0), name: $0) },
                tags: node.tags ?? [],
                addresses: [IPAddress(family: .v4, bits: 0x6440_0001 + UInt128(index))]
            )
        }
        peers = roster.nodes.map(\.expectPeers)
        editedPeers = roster.nodes.map(\.expectPeers2)
    }

    private struct Failure: Error {
        let status: Int32
    }

    private static func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return String(decoding: data, as: UTF8.self)
    }
}
