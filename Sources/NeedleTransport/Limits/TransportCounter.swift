// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a listener counts.
package enum TransportCounter: Int, CaseIterable, Sendable {
    case connectionsAccepted
    case connectionsClosed
    case connectionsRefused
    case connectionsRefusedByAddress
    case connectionsDropped
    case firstRequestTimeouts
    case idleTimeouts
    case tlsWithoutCertificate
    case tlsFailures
    case requests
    case badRequests
    case headersTooLarge
    case bodiesTooLarge
    case bodyTimeouts
    case bodiesOverBudget
    case responseTimeouts
    case upgradesRefused
    case upgradesOverLimit
    case noiseUpgrades
    case noiseHandshakeFailures
    case noiseRecordFailures
    case relayUpgrades
    case webSocketUpgrades
    case webSocketViolations
    case innerRequests
    case innerBadRequests
    case innerBodiesTooLarge
    case innerBodyTimeouts
    case innerIdleTimeouts
    case innerFirstRequestTimeouts
    case innerConnectionErrors
    case streamsStalled
    case streamsOverfull

    /// The metric's name without a prefix: `connections_accepted`.
    package var name: String {
        String(describing: self).reduce(into: "") { name, letter in
            name += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }
}
