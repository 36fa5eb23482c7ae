// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// Which user a command is about: headscale's two options, or either value by itself.
struct UserSelection: ParsableArguments {
    @Option(
        name: [.customShort("i", allowingJoined: true), .customLong("identifier")],
        help: ArgumentHelp("The user's id.", valueName: "id")
    )
    var identifier: String?

    @Option(name: .shortAndLong, help: "The user's name.")
    var name: String?

    @Argument(help: "The user's id or name, in place of the options.")
    var user: String?

    func validate() throws {
        guard [identifier, name, user].contains(where: { $0 != nil }) else {
            throw ValidationError("Say which user: by id or name, or with --identifier or --name.")
        }
    }

    /// The one user whom all that was given fits.
    func resolve(_ client: AdminClient) async throws -> UserObject {
        if let user {
            guard identifier == nil, name == nil else {
                throw CommandError("the user is named twice; leave out '\(user)' or the options")
            }
            return try await client.user(user)
        }
        let path = RequestPath("user", query: [("id", identifier), ("name", name)])
        let found: UserObject.ListEnvelope = try await client.get(path)
        guard let first = found.users.first, found.users.count == 1 else {
            let description = [identifier.map { "id \($0)" }, name.map { "name '\($0)'" }]
            throw CommandError.noUser("with \(description.compactMap(\.self).joined(separator: " and "))")
        }
        return first
    }
}

extension AdminClient {
    /// The user with this id or name; names begin with a letter, so they are never confused.
    func user(_ idOrName: String) async throws -> UserObject {
        let isID = !idOrName.isEmpty && idOrName.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let path = RequestPath("user", query: [(isID ? "id" : "name", idOrName)])
        let found: UserObject.ListEnvelope = try await get(path)
        guard let user = found.users.first, found.users.count == 1, !idOrName.isEmpty else {
            throw CommandError.noUser("'\(idOrName)'")
        }
        return user
    }
}

extension CommandError {
    static func noUser(_ description: String) -> CommandError {
        CommandError("there is no user \(description); 'needletail users list' shows all users")
    }
}
