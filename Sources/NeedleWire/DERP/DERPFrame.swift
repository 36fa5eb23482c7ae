// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One frame: what it is and what it carries.
///
/// - Shape: u8 type, u32 length in network order, payload.
package struct DERPFrame<Bytes: DERPBytes>: Equatable, Sendable {
    /// What the payload means.
    package let type: DERPFrameType
    /// Everything after the length.
    package var payload: Bytes

    /// A frame of these parts.
    package init(type: DERPFrameType, payload: Bytes) {
        self.type = type
        self.payload = payload
    }

    /// Writes the frame; a payload of 4 GiB or more is our bug.
    package func encode(into bytes: inout Bytes) {
        Self.encodeHeader(type, payloadLength: payload.byteCount, into: &bytes)
        bytes.append(payload)
    }

    /// Writes the five bytes that precede a payload of `payloadLength`.
    static func encodeHeader(_ type: DERPFrameType, payloadLength: Int, into bytes: inout Bytes) {
        bytes.append(integer: type.rawValue)
        bytes.append(integer: UInt32(payloadLength))
    }
}
