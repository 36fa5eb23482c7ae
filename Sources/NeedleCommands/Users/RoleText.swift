// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleTypes

/// How roles read.
enum RoleText {
    /// A help text that begins with `beginning` and names all roles.
    static func help(_ beginning: String) -> ArgumentHelp {
        let names = UserRole.allCases.map(\.rawValue)
        return ArgumentHelp("\(beginning): \(names.dropLast().joined(separator: ", ")) or \(names.last ?? "").")
    }

    /// `the owner`, `an admin`, `a member`.
    static func withArticle(_ role: String) -> String {
        if role == UserRole.owner.rawValue { return "the owner" }
        return (["a", "i"].contains(role.prefix(1)) ? "an " : "a ") + role
    }
}
