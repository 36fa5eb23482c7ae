// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The first byte of a frame.
///
/// - Source: `derp/derp.go` of the public client.
package struct DERPFrameType: RawRepresentable, Hashable, Sendable {
    /// The byte on the wire.
    package let rawValue: UInt8

    /// The type with this byte; any byte is allowed, most mean nothing.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Server to client: the greeting with the server's key.
    package static let serverKey = Self(rawValue: 0x01)
    /// Client to server: the client's key and its sealed log-in.
    package static let clientInfo = Self(rawValue: 0x02)
    /// Server to client: the sealed answer to the log-in.
    package static let serverInfo = Self(rawValue: 0x03)
    /// Client to server: a packet for another client.
    package static let sendPacket = Self(rawValue: 0x04)
    /// Server to client: a packet from another client.
    package static let recvPacket = Self(rawValue: 0x05)
    /// Server to client: nothing but a sign of life.
    package static let keepAlive = Self(rawValue: 0x06)
    /// Client to server: whether this relay is the client's home.
    package static let notePreferred = Self(rawValue: 0x07)
    /// Server to client: another client is gone, or was never here.
    package static let peerGone = Self(rawValue: 0x08)
    /// Server to mesh peer: a client is here.
    package static let peerPresent = Self(rawValue: 0x09)
    /// Mesh peer to server: a packet on behalf of another relay's client.
    package static let forwardPacket = Self(rawValue: 0x0a)
    /// Mesh peer to server: asks for ``peerPresent`` and ``peerGone`` of everybody.
    package static let watchConns = Self(rawValue: 0x10)
    /// Mesh peer to server: asks to close a client's connection.
    package static let closePeer = Self(rawValue: 0x11)
    /// Either way: asks for a ``pong`` with the same eight bytes.
    package static let ping = Self(rawValue: 0x12)
    /// Either way: answers a ``ping``.
    package static let pong = Self(rawValue: 0x13)
    /// Server to client: a problem in words; never sent, see ``DERPServerMessage``.
    package static let health = Self(rawValue: 0x14)
    /// Server to client: the server is about to restart; never sent, see ``DERPServerMessage``.
    package static let restarting = Self(rawValue: 0x15)

    /// Whether only another relay of the same region may send this.
    package var isPrivileged: Bool {
        self == .forwardPacket || self == .watchConns || self == .closePeer
    }
}

extension DERPFrameType: CustomStringConvertible {
    package var description: String { "frame type 0x" + String(rawValue, radix: 16) }
}
