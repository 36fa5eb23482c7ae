// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
package import NeedleAdmin
internal import NeedleTypes

extension CommandContext {
    /// The process's own console, environment and clock.
    package static func process(version: VersionObject, socketPathReader: any SocketPathReader) -> CommandContext {
        var context = CommandContext(
            console: .process,
            environment: ProcessInfo.processInfo.environment,
            now: {
                let time = Date().timeIntervalSince1970
                let seconds = time.rounded(.down)
                return Timestamp(seconds: Int64(seconds), nanoseconds: UInt32((time - seconds) * 1_000_000_000))
            },
            socketPathReader: socketPathReader,
            version: version
        )
        // Behind sudo the person counts.
        context.userName = context.environment["SUDO_USER"] ?? NSUserName()
        if let program = CommandLine.arguments.first, !program.isEmpty { context.program = program }
        return context
    }
}
