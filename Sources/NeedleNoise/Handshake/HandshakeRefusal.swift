// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The server's unauthenticated answer to a handshake that failed.
///
/// - Shape: u8 type 3, u16 big-endian length, UTF-8 text.
package enum HandshakeRefusal {
    /// The message with this text, cut to ``ControlMessageSize/errorTextMax`` at a character's edge.
    package static func encode(_ text: String) -> [UInt8] {
        var kept: [UInt8] = []
        for character in text {
            guard kept.count + character.utf8.count <= ControlMessageSize.errorTextMax else { break }
            kept.append(contentsOf: character.utf8)
        }
        let header = RecordHeader(type: .error, length: UInt16(truncatingIfNeeded: kept.count))
        return header.bytes + kept
    }

    /// The text of a whole message, with replacement characters for what is not UTF-8; nothing if it is no refusal.
    package static func decode(_ message: [UInt8]) -> String? {
        guard let header = RecordHeader(bytes: message.prefix(ControlMessageSize.header)), header.type == .error else {
            return nil
        }
        let text = message.dropFirst(ControlMessageSize.header)
        guard text.count == Int(header.length) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}
