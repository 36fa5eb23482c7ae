// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// A command that sees the outside only through what it is handed, so that tests can hand it something else.
package protocol ContextualCommand: ParsableCommand {
    /// What every command takes.
    var global: GlobalOptions { get }

    /// Does what the command says.
    ///
    /// - Throws: ``CommandError`` for what a person can mend.
    func run(in context: CommandContext) async throws
}
