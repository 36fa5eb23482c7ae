// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// One run of another program, waited for without holding a thread, and ended with the task that waits.
final class ChildCommand: Sendable {
    /// How a program ended.
    struct Outcome {
        let status: Int32
        let output: Data
        let errors: Data
    }

    private struct State {
        var process: Process?
        var isCancelled = false
    }

    private let state = Mutex(State())

    private init() {}

    /// Runs a program to its end.
    ///
    /// - Parameter arguments: the program, looked for as a shell does, and its arguments.
    /// - Returns: how it ended, and what it said.
    /// - Throws: `CancellationError` if the task was cancelled, when the program is gone; what the system says if it
    ///   cannot be started.
    static func run(_ arguments: [String]) async throws -> Outcome {
        try Task.checkCancellation()
        // Pipes would have to be emptied while the program runs.
        let (output, errors) = (try OutputFile(), try OutputFile())
        defer { for file in [output, errors] { file.remove() } }
        let child = ChildCommand()
        let status = try await withTaskCancellationHandler {
            try await child.status(of: arguments, output.handle, errors.handle)
        } onCancel: {
            child.cancel()
        }
        try Task.checkCancellation()
        return Outcome(status: status, output: try output.content, errors: try errors.content)
    }

    private func status(of arguments: [String], _ output: FileHandle, _ errors: FileHandle) async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = errors
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                return continuation.resume(throwing: error)
            }
            let isCancelled = state.withLock { state in
                state.process = process
                return state.isCancelled
            }
            // What was cancelled before there was a process has nobody else to end it.
            if isCancelled { end(process) }
        }
    }

    private func cancel() {
        let process = state.withLock { state in
            state.isCancelled = true
            return state.process
        }
        if let process { end(process) }
    }

    /// Not politely: programs start with the blocked signals of the thread that started them, so they might not hear it.
    private func end(_ process: Process) {
        if process.isRunning { _ = kill(process.processIdentifier, SIGKILL) }
    }
}
