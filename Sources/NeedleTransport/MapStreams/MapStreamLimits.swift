// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore

/// Numbers of the map streams.
package struct MapStreamLimits: Sendable {
    /// Full maps that one event loop may have handed to clients which have not yet taken them in.
    ///
    /// A storm of reconnects is served a few at a time, so that it ends; others wait their turn.
    package var fullMapsInFlightMax = 16
    /// How long a client counts as taking its full map in; slower ones no longer keep others waiting.
    package var fullMapPatience: TimeAmount = .seconds(2)
    /// How long one event loop looks after its streams, be it with full maps or differences, before it does other work.
    package var sliceMax: TimeAmount = .milliseconds(10)
    /// How long it then does other work while clients are coming in, in times of what the slice took.
    package var restFactor: Int64 = 9
    /// How long a stream is silent before it gets a keep-alive; up to a fifth is added, different for each stream.
    ///
    /// - Source: reference 3.3: clients give up after 120 s of silence, the reference server sends every 50 to 58 s.
    package var keepAliveInterval: TimeAmount = .seconds(50)
    /// What the cache of shared pieces may hold.
    package var cacheBytesMax = 64 * 1024 * 1024

    package init() {}
}
