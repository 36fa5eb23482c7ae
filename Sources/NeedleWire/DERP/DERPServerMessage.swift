// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a relay may tell a client that is not a relay itself.
///
/// There is no case for Health, Restarting and PeerPresent on purpose: the official Rust client ends its relay
/// transport for good when one arrives, so they cannot be written at all.
///
/// - Source: `derp/derp.go`; layouts are with the cases.
package enum DERPServerMessage<Bytes: DERPBytes>: Equatable, Sendable {
    /// ``DERPProtocol/magic`` and 32 bytes of key; clients ignore what follows.
    case serverKey(NodeKey)
    /// 24 bytes of nonce, and a box with a ``DERPServerInfo`` as JSON.
    case serverInfo(nonce: [UInt8], sealed: Bytes)
    /// 32 bytes of source, and the packet.
    case recvPacket(from: NodeKey, packet: Bytes)
    /// Nothing.
    case keepAlive
    /// Always 33 bytes: the peer and why. Without the last one the Rust client panics.
    case peerGone(NodeKey, DERPPeerGoneReason)
    /// Eight bytes.
    case ping(UInt64)
    /// Eight bytes.
    case pong(UInt64)

    /// Reads a frame's payload as a client does; types that are not listed here give nothing.
    ///
    /// - Throws: ``DERPError`` if it is too short, or no greeting.
    package init?(_ frame: DERPFrame<Bytes>) throws(DERPError) {
        var rest = frame.payload
        switch frame.type {
        case .serverKey:
            guard rest.view.starts(with: DERPProtocol.magic) else { throw .badMagic }
            _ = rest.takePrefix(DERPProtocol.magic.count)
            self = .serverKey(try rest.takeKey(of: frame))
        case .serverInfo:
            guard let nonce = rest.takePrefix(DERPProtocol.nonceBytes) else { throw frame.tooShort(24) }
            self = .serverInfo(nonce: Array(nonce.view), sealed: rest)
        case .recvPacket:
            self = .recvPacket(from: try rest.takeKey(of: frame), packet: rest)
        case .keepAlive:
            self = .keepAlive
        case .peerGone:
            let peer: NodeKey = try rest.takeKey(of: frame)
            guard let reason = rest.view.first.flatMap(DERPPeerGoneReason.init) else { throw frame.tooShort(33) }
            self = .peerGone(peer, reason)
        case .ping:
            self = .ping(try frame.number())
        case .pong:
            self = .pong(try frame.number())
        default:
            return nil
        }
    }

    /// How many bytes ``encode(into:)`` writes.
    package var encodedBytes: Int { DERPProtocol.headerBytes + payloadBytes }

    private var payloadBytes: Int {
        switch self {
        case .serverKey: DERPProtocol.magic.count + DERPProtocol.keyBytes
        case .serverInfo(let nonce, let sealed): nonce.count + sealed.byteCount
        case .recvPacket(_, let packet): DERPProtocol.keyBytes + packet.byteCount
        case .keepAlive: 0
        case .peerGone: DERPProtocol.keyBytes + 1
        case .ping, .pong: 8
        }
    }

    /// Writes the whole frame.
    package func encode(into bytes: inout Bytes) {
        switch self {
        case .serverKey(let key):
            bytes.appendHeader(.serverKey, payloadBytes)
            bytes.append(bytes: DERPProtocol.magic)
            bytes.append(bytes: key.bytes)
        case .serverInfo(let nonce, let sealed):
            bytes.appendHeader(.serverInfo, payloadBytes)
            bytes.append(bytes: nonce)
            bytes.append(sealed)
        case .recvPacket(let source, let packet):
            bytes.appendHeader(.recvPacket, payloadBytes)
            bytes.append(bytes: source.bytes)
            bytes.append(packet)
        case .keepAlive:
            bytes.appendHeader(.keepAlive, payloadBytes)
        case .peerGone(let peer, let reason):
            bytes.appendHeader(.peerGone, payloadBytes)
            bytes.append(bytes: peer.bytes)
            bytes.append(integer: reason.rawValue)
        case .ping(let number):
            bytes.appendHeader(.ping, payloadBytes)
            bytes.append(integer: number)
        case .pong(let number):
            bytes.appendHeader(.pong, payloadBytes)
            bytes.append(integer: number)
        }
    }
}
