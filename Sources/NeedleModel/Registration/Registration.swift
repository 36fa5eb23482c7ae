// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What a client asks for at `/machine/register`, with the machine key that its handshake proved.
package struct Registration: Sendable {
    /// Proven by the Noise handshake.
    package let machineKey: MachineKey
    /// What the client sent.
    package let request: RegisterRequest

    package init(machineKey: MachineKey, request: RegisterRequest) {
        self.machineKey = machineKey
        self.request = request
    }

    /// How it ended, for the answer.
    package enum Outcome: Sendable {
        /// The node is in; `user` owns it (nil: it is tagged).
        case accepted(NodeVersion, user: UserRecord?)
        /// The node's key has expired; the client makes a new one and comes back.
        case keyExpired
        /// The client logged out.
        case loggedOut
    }
}
