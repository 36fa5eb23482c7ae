// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleSwarm

/// Makes users and keys, and sets policies, with a server's command line: headscale's, or ours, which takes the same.
struct CommandAdministrator: FleetAdministrator {
    /// The program and its first arguments, such as `headscale -c FILE`.
    let command: [String]
    /// Each is a process, and servers compute for each user that is made.
    let requestsMax = 4

    private struct Object: Decodable {
        var id: Identifier?
        var name: String?
        var key: String?
    }

    /// How headscale says what went wrong.
    private struct Refusal: Decodable {
        var error: String
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

    func users() async throws -> [String: String] {
        let users: [Object]? = try await run(["users", "list"])
        let named = (users ?? []).compactMap { user in user.name.flatMap { name in user.id.map { (name, $0.text) } } }
        return Dictionary(named, uniquingKeysWith: { first, _ in first })
    }

    func makeUser(_ name: String, email: String?) async throws -> String {
        let user: Object = try await run(["users", "create", name] + (email.map { ["--email", $0] } ?? []))
        guard let id = user.id else {
            throw CommandError("'\(command.joined(separator: " "))' made a user without an id")
        }
        return id.text
    }

    func makeKey(user: String?, tags: [String]) async throws -> String {
        var arguments = ["preauthkeys", "create", "--reusable", "--expiration", "24h"]
        if let user { arguments += ["--user", user] }
        if !tags.isEmpty { arguments += ["--tags", tags.joined(separator: ",")] }
        let made: Object = try await run(arguments)
        guard let key = made.key else {
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

    private func run<Answer: Decodable>(_ arguments: [String]) async throws -> Answer {
        let output = try await output(arguments + ["--output", "json"])
        do {
            return try JSONDecoder().decode(Answer.self, from: output)
        } catch {
            throw CommandError(
                "'\((command + arguments.prefix(2)).joined(separator: " "))' answered no JSON that is understood: "
                    + "\(Self.line(output)); is it the command line of headscale, or of needletail?"
            )
        }
    }

    private func output(_ arguments: [String]) async throws -> Data {
        let outcome = try await ChildCommand.run(command + arguments)
        guard outcome.status == 0 else {
            throw CommandError(
                "'\((command + arguments).joined(separator: " "))' failed: \(Self.reason(outcome)); run it by hand to see "
                    + "more. If the server is busy with a large policy, give it one that allows everything until "
                    + "'swarm keys' has made users and keys"
            )
        }
        return outcome.output
    }

    private static func reason(_ outcome: ChildCommand.Outcome) -> String {
        for text in [outcome.output, outcome.errors] {
            if let refusal = try? JSONDecoder().decode(Refusal.self, from: text) { return refusal.error }
        }
        return line(outcome.errors.isEmpty ? outcome.output : outcome.errors)
    }

    /// What a program said on one line, since its tabs and line breaks mean nothing here.
    private static func line(_ output: Data) -> String {
        let words = String(decoding: output.suffix(2048), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? "it said nothing" : words.joined(separator: " ")
    }
}
