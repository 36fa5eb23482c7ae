// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleAdmin
package import NeedleTypes

/// What a command sees of the outside.
package struct CommandContext: Sendable {
    /// Standard input, output and error.
    package var console: Console
    /// The environment's variables.
    package var environment: [String: String]
    /// The wall clock.
    package var now: @Sendable () -> Timestamp
    /// Finds the socket in a configuration file.
    package var socketPathReader: any SocketPathReader
    /// What this program is.
    package var version: VersionObject
    /// How this program was called, for suggested command lines.
    package var program = "needletail"
    /// Who runs this program, for histories; empty if unknown.
    package var userName = ""
    /// How long to wait for a server that is just starting.
    package var startPatience: Duration = .seconds(2)

    package init(
        console: Console,
        environment: [String: String],
        now: @escaping @Sendable () -> Timestamp,
        socketPathReader: any SocketPathReader,
        version: VersionObject
    ) {
        self.console = console
        self.environment = environment
        self.now = now
        self.socketPathReader = socketPathReader
        self.version = version
    }
}
