// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleSwarm

/// The auth keys of a fleet by the names that its roster uses: `user:NAME`, or tags with commas between them.
struct FleetKeys: Equatable {
    var keys: [String: String]

    init(keys: [String: String]) {
        self.keys = keys
    }

    /// Reads a file of them: one JSON object.
    init(file path: String) throws {
        do throws(PlanError) {
            let data = try NamedFile.read(path, "the keys", advice: "name them with --keys, or make them with --admin")
            keys = try NamedFile.decode(
                [String: String].self,
                from: data,
                of: path,
                "the keys",
                advice: #"write one JSON object such as {"user:alice": "hskey-auth-…"}"#
            )
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// Writes the file, for nobody else to read.
    func write(file path: String) throws {
        let data = try ReportFile.encode(keys)
        guard FileManager.default.createFile(atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
        else {
            throw CommandError("the keys cannot be written to '\(path)'; is its folder there, and yours?")
        }
    }

    /// Makes every key that the roster's nodes need, and those of their users who are not there yet.
    ///
    /// Users without nodes would change nothing, and a server may have much to do for each.
    static func make(for roster: Roster, by administrator: some FleetAdministrator) async throws -> FleetKeys {
        let users = Set(roster.nodes.compactMap(\.user))
        let emails = roster.emails ?? [:]
        var ids = try await administrator.users().filter { users.contains($0.key) }
        let missing = users.filter { ids[$0] == nil }.sorted()
        let made = try await inParallel(missing, administrator.requestsMax) { user in
            do {
                return try await administrator.makeUser(user, email: emails[user])
            } catch let error as CommandError {
                // A command that did not hear the answer in time may have made the user.
                guard !Task.isCancelled, let id = try? await administrator.users()[user] else { throw error }
                return id
            }
        }
        ids.merge(made) { $1 }
        let known = ids
        let wanted = Dictionary(roster.nodes.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let keys = try await inParallel(wanted.keys.sorted(), administrator.requestsMax) { name in
            let node = wanted[name]
            return try await administrator.makeKey(user: node?.user.flatMap { known[$0] }, tags: node?.tags ?? [])
        }
        return FleetKeys(keys: keys)
    }

    /// Does something for each name, a few at a time.
    private static func inParallel(
        _ names: [String],
        _ width: Int,
        _ body: @escaping @Sendable (String) async throws -> String
    ) async throws -> [String: String] {
        try await withThrowingTaskGroup(of: (String, String).self) { group in
            var results: [String: String] = [:]
            for (index, name) in names.enumerated() {
                if index >= width, let (name, result) = try await group.next() { results[name] = result }
                group.addTask { (name, try await body(name)) }
            }
            for try await (name, result) in group { results[name] = result }
            return results
        }
    }
}
