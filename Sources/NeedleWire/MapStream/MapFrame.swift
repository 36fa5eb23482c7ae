// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The framing of a map stream: four bytes of length, lowest first, then the message.
///
/// - Source: reference, protocol 3.2. The message is JSON, or zstd frames of JSON if the client asked for that.
package enum MapFrame {
    /// Bytes of the length.
    package static let prefixLength = 4
    /// The most that a message can have.
    package static let payloadMax = Int(UInt32.max)

    /// The length of a message of `count` bytes, as it stands before the message; nothing beyond ``payloadMax``.
    package static func prefix(payloadCount count: Int) -> [UInt8]? {
        guard let length = UInt32(exactly: count) else { return nil }
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    }

    /// A message with its length before it; nothing beyond ``payloadMax``.
    package static func encode(_ payload: some Collection<UInt8>) -> [UInt8]? {
        prefix(payloadCount: payload.count).map { $0 + payload }
    }
}
