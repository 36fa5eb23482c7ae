// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel

extension TailnetGate {
    /// Hands over a command and waits for its result.
    ///
    /// The command is carried out even if the asker is cancelled meanwhile: it may be durable already.
    ///
    /// - Throws: ``ModelError`` as the command or the queue gives it.
    nonisolated(nonsending) package func submit<C: Command>(_ command: C) async throws(ModelError) -> C.Reply {
        let result: Result<C.Reply, ModelError> = await withCheckedContinuation { continuation in
            submit(command) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}
