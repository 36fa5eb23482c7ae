// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NeedleTypes

/// What every connection of a listener shares.
struct FrontDoorContext: Sendable {
    let limits: TransportLimits
    let counters: TransportCounters
    let ledger: ConnectionLedger
    let bodies: BodyBudget
    let routes: any FrontDoorRoutes
    let noise: NoiseService?
    let relay: RelayUpgrade?
    let logger: Logger
}

/// Where a connection comes from, found out once.
struct ConnectionOrigin: Sendable {
    let remote: IPAddress?
    let isSecure: Bool
}

extension SocketAddress {
    /// The address without the port, IPv4 even when the socket is an IPv6 one.
    var address: IPAddress? {
        ipAddress.flatMap { IPAddress(text: $0) }?.unmapped
    }
}
