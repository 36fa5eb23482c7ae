// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleNoise
package import NeedleTypes

/// What the front door needs to accept Noise connections.
package struct NoiseService: Sendable {
    /// The server's static key, public half included.
    package let server: MachineKeyPair
    /// Sent ahead of HTTP/2 in the early payload; no client answers it.
    package let challenge: ChallengeKey
    /// Who answers the requests inside.
    package let router: any InnerRouter

    /// Connections made with `server` are answered by `router`.
    package init(server: MachineKeyPair, challenge: ChallengeKey, router: any InnerRouter) {
        self.server = server
        self.challenge = challenge
        self.router = router
    }
}
