// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser

/// Which key a command is about.
struct PreAuthKeySelection: ParsableArguments {
    @Option(
        name: [.customShort("i", allowingJoined: true), .customLong("id")],
        help: "The key's id."
    )
    var id: String?

    @Argument(help: "The key's id, in place of the option.")
    var key: String?

    /// The id that was given.
    var identifier: String { id ?? key ?? "" }

    func validate() throws {
        guard (id == nil) != (key == nil) else {
            throw ValidationError("Say which key, once: with --id ID or as an argument.")
        }
    }
}
