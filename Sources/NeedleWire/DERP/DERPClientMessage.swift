// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a client may tell a relay.
///
/// - Source: `derp/derp.go`; layouts are with the cases.
package enum DERPClientMessage<Bytes: DERPBytes>: Equatable, Sendable {
    /// 32 bytes of key, 24 of nonce, and a box with a ``DERPClientInfo`` as JSON.
    case clientInfo(NodeKey, nonce: [UInt8], sealed: Bytes)
    /// 32 bytes of destination, and the packet.
    case sendPacket(to: NodeKey, packet: Bytes)
    /// One byte: whether this relay is the client's home.
    case notePreferred(Bool)
    /// Eight bytes and up to 992 more that are ignored.
    case ping(UInt64)
    /// Eight bytes.
    case pong(UInt64)
    /// Something that only another relay may send.
    case privileged(DERPFrameType)
    /// A type that means nothing here.
    case other(DERPFrameType)

    /// Reads a frame's payload.
    ///
    /// - Throws: ``DERPError/badLength(_:length:allowed:)`` if it is too short; the decoder sees to that before.
    package init(_ frame: DERPFrame<Bytes>) throws(DERPError) {
        var rest = frame.payload
        switch frame.type {
        case .clientInfo:
            let key: NodeKey = try rest.takeKey(of: frame)
            guard let nonce = rest.takePrefix(DERPProtocol.nonceBytes) else { throw frame.tooShort(56) }
            self = .clientInfo(key, nonce: Array(nonce.view), sealed: rest)
        case .sendPacket:
            self = .sendPacket(to: try rest.takeKey(of: frame), packet: rest)
        case .notePreferred:
            guard rest.byteCount == 1, let byte = rest.view.first else { throw frame.tooShort(1) }
            self = .notePreferred(byte != 0)
        case .ping:
            self = .ping(try frame.number())
        case .pong:
            self = .pong(try frame.number())
        case let type where type.isPrivileged:
            self = .privileged(type)
        default:
            self = .other(frame.type)
        }
    }

    /// Writes the whole frame; privileged and unknown ones without payload.
    package func encode(into bytes: inout Bytes) {
        switch self {
        case .clientInfo(let key, let nonce, let sealed):
            bytes.appendHeader(.clientInfo, DERPProtocol.keyBytes + nonce.count + sealed.byteCount)
            bytes.append(bytes: key.bytes)
            bytes.append(bytes: nonce)
            bytes.append(sealed)
        case .sendPacket(let destination, let packet):
            bytes.appendHeader(.sendPacket, DERPProtocol.keyBytes + packet.byteCount)
            bytes.append(bytes: destination.bytes)
            bytes.append(packet)
        case .notePreferred(let isHome):
            bytes.appendHeader(.notePreferred, 1)
            bytes.append(integer: UInt8(isHome ? 1 : 0))
        case .ping(let number):
            bytes.appendHeader(.ping, 8)
            bytes.append(integer: number)
        case .pong(let number):
            bytes.appendHeader(.pong, 8)
            bytes.append(integer: number)
        case .privileged(let type), .other(let type):
            bytes.appendHeader(type, 0)
        }
    }
}
