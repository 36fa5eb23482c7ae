// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension DERPFrame {
    /// The error for a payload that should have had at least `count` bytes.
    func tooShort(_ count: Int) -> DERPError {
        .badLength(type, length: payload.byteCount, allowed: count...DERPProtocol.frameBytesMax)
    }

    /// The eight bytes of a ping or a pong.
    func number() throws(DERPError) -> UInt64 {
        guard let number = payload.leadingInteger(UInt64.self) else { throw tooShort(8) }
        return number
    }
}

extension DERPBytes {
    /// Cuts a key off the front of what is left of `frame`.
    mutating func takeKey(of frame: DERPFrame<Self>) throws(DERPError) -> NodeKey {
        guard let bytes = takePrefix(DERPProtocol.keyBytes), let key = NodeKey(bytes: bytes.view) else {
            throw frame.tooShort(DERPProtocol.keyBytes)
        }
        return key
    }

    /// Writes type and length of a frame.
    mutating func appendHeader(_ type: DERPFrameType, _ payloadLength: Int) {
        DERPFrame.encodeHeader(type, payloadLength: payloadLength, into: &self)
    }
}
