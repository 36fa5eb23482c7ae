// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleSwarm

/// Makes users and keys, and sets policies, with a server's command line: headscale's, or ours, which takes the same.
struct CommandAdministrator: FleetAdministrator {
    /// The program and its first arguments, such as `headscale -c FILE`.
    let command: [String]

    private struct Object: Decodable {
        var id: Identifier?
        var key: String?
    }

    /// A number or a text, as versions of headscale differ.
    private struct Identifier: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }

    func makeUser(_ name: String, email: String?) async throws -> String {
        let user = try await run(["users", "create", name] + (email.map { ["--email", $0] } ?? []))
        guard let id = user.id else {
            throw CommandError("'\(command.joined(separator: " "))' made a user without an id")
        }
        return id.text
    }

    func makeKey(user: String?, tags: [String]) async throws -> String {
        var arguments = ["preauthkeys", "create", "--reusable", "--expiration", "24h"]
        if let user { arguments += ["--user", user] }
        if !tags.isEmpty { arguments += ["--tags", tags.joined(separator: ",")] }
        guard let key = try await run(arguments).key else {
            throw CommandError("'\(command.joined(separator: " "))' made no key")
        }
        return key
    }

    /// Sets the policy of a server that keeps it in its database.
    func setPolicy(_ text: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "needletail-policy-\(UUID().uuidString)")
        try NamedFile.write(Data(text.utf8), to: file.path, advice: "set TMPDIR to a folder of yours")
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try await output(["policy", "set", "--file", file.path])
    }

    private func run(_ arguments: [String]) async throws -> Object {
        let output = try await output(arguments + ["--output", "json"])
        do {
            return try JSONDecoder().decode(Object.self, from: output)
        } catch {
            throw CommandError(
                "'\(command.joined(separator: " ")) \(arguments[0])' answered no JSON that is understood"
            )
        }
    }

    private func output(_ arguments: [String]) async throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command + arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        // Answers fit into a pipe's buffer, and the process ends by itself.
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw CommandError("'\((command + arguments).joined(separator: " "))' failed: \(text)")
        }
        return output
    }
}
