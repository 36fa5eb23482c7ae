// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The numbers that bound what the relay waits for and keeps.
///
/// - Source: the defaults are the reference server's (`derp/derpserver/derpserver.go`) where it has one.
package struct RelayLimits: Equatable, Sendable {
    /// From the connection to a whole log-in, greeting included.
    package var loginTimeout: Duration = .seconds(10)
    /// Between two keep-alives; clients give up after 120 s of silence.
    package var keepAliveInterval: Duration = .seconds(60)
    /// The most that a connection adds to ``keepAliveInterval``, so that keep-alives spread out.
    package var keepAliveJitterMax: Duration = .seconds(5)
    /// For one write of at most ``writeBatchBytesMax`` or one frame to reach the kernel.
    package var writeTimeout: Duration = .seconds(2)
    /// How many packets of either kind wait for one connection.
    package var queuedPacketsMax = 32
    /// How many departures wait to be told to one connection.
    package var queuedNoticesMax = 128
    /// Frames are written together until they have this many bytes: one TLS record.
    package var writeBatchBytesMax = 16_384
    /// How many "not here" answers a connection gets at once.
    package var notHereBurst = 3
    /// How often a connection gets a "not here" answer in the long run.
    package var notHereInterval: Duration = .seconds(1)
    /// How many clients may be logged in; also bounds who-sent-to-whom, see ``RelayDirectory``.
    package var clientsMax = 65_536
    /// How many connections one client may have; one more closes its least recently active one.
    package var connectionsPerClientMax = 8
    /// How many connections may be open that have not logged in; each may hold a log-in of 256 KiB.
    package var pendingLoginsMax = 1_024

    /// The defaults.
    package init() {}
}
