// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import Foundation

extension NeedletailCommand {
    /// Carries out what the arguments ask for; the result is the process's exit status.
    ///
    /// - Returns: 0 when it was done, 1 when it could not be done, 64 when the arguments make no sense.
    package static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
        do {
            let command = try parseAsRoot(ArgumentSpelling.normalized(arguments))
            let format = (command as? any ContextualCommand)?.global.output
            do {
                try await run(command, in: context)
                return ExitCode.success.rawValue
            } catch let error as CommandError {
                context.report(error, as: format)
                return ExitCode.failure.rawValue
            }
        } catch {
            return report(error, in: context)
        }
    }

    private static func run(_ command: any ParsableCommand, in context: CommandContext) async throws {
        switch command {
        case let command as any ContextualCommand:
            try await command.run(in: context)
        case var command as any AsyncParsableCommand:
            try await command.run()
        default:
            var command = command
            try command.run()
        }
    }

    /// Help and completion scripts arrive as errors too, with a status of success.
    private static func report(_ error: any Error, in context: CommandContext) -> Int32 {
        let status = exitCode(for: error)
        let message = fullMessage(for: error)
        if !message.isEmpty {
            if status.isSuccess {
                context.console.write(message + "\n")
            } else {
                context.console.writeError(message + "\n")
            }
        }
        return status.rawValue
    }
}
