// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Logging
internal import NeedleModel
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the policy file again when it changes, and when the process gets `SIGHUP`.
struct PolicyReloadService: Service {
    /// How often the file is looked at; a change is in force after the second look at it.
    static let interval = Duration.milliseconds(500)

    /// Nil when there is no file; the signal must not end the server then either.
    let keeper: PolicyFileKeeper?
    let hangups: UnixSignalsSequence
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await handleHangups() }
                group.addTask { await watch() }
            }
        }
    }

    private func handleHangups() async {
        for await _ in hangups {
            guard let keeper else {
                logger.info("SIGHUP reads the policy file again, and there is none")
                continue
            }
            // The log has said what is wrong.
            try? await keeper.reload()
        }
    }

    private func watch() async {
        guard let keeper else { return }
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            await keeper.look()
        }
    }
}
