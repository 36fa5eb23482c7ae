// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a run can do to the server besides being its clients.
package struct SwarmControl: Sendable {
    /// Sets a policy; it returns when the server has been told.
    package var setPolicy: (@Sendable (String) async throws -> Void)?
    /// Kills the server as a crash does, starts it again, and says what its process is now.
    package var restart: (@Sendable () async throws -> Int)?

    /// A run that can do these things, or none.
    package init(
        setPolicy: (@Sendable (String) async throws -> Void)? = nil,
        restart: (@Sendable () async throws -> Int)? = nil
    ) {
        self.setPolicy = setPolicy
        self.restart = restart
    }
}
