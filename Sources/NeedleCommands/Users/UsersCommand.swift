// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// The group of commands about users.
package struct UsersCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "Make, list, rename and destroy users, who own nodes, and give them roles.",
        subcommands: [UsersCreate.self, UsersList.self, UsersRename.self, UsersSetRole.self, UsersDestroy.self],
        aliases: ["user"]
    )

    package init() {}
}
