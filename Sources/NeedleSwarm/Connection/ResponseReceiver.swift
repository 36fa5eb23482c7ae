// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Takes one response, on its connection's event loop.
protocol ResponseReceiver: AnyObject {
    /// The first thing that comes, unless the response ends before.
    func received(status: Int)
    /// A piece of the body; whoever keeps it copies it, since its memory is used again.
    func received(body: ByteBuffer)
    /// The last thing that comes, exactly once.
    func responseEnded(_ end: StreamEnd)
}

/// Is told of a connection's life, on its event loop.
protocol ControlConnectionOwner: AnyObject {
    /// Requests can be made.
    func connectionOpened(_ connection: ControlConnection)
    /// The connection is over, exactly once, also if it never opened; all its responses have ended.
    func connectionEnded(_ connection: ControlConnection, _ end: StreamEnd)
}
