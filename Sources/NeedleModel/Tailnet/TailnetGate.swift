// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The way to the writer of a tailnet, for everything that is not the writer.
package protocol TailnetGate: Sendable {
    /// The newest published state; never waits.
    var snapshot: Tailnet { get }

    /// Hands over a command.
    ///
    /// `completion` is called exactly once, on no particular thread, when the result is durable and published. It must
    /// not block. When too many commands wait, it is called at once with ``ModelError/Code/unavailable``.
    func submit<C: Command>(_ command: C, completion: @escaping @Sendable (Result<C.Reply, ModelError>) -> Void)
}
