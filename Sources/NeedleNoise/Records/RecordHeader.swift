// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The three bytes before a response, a refusal or a record.
///
/// - Shape: u8 type, u16 big-endian count of the bytes that follow.
package struct RecordHeader: Equatable, Sendable {
    /// What follows.
    package let type: ControlMessageType
    /// How many bytes follow.
    package let length: UInt16

    init(type: ControlMessageType, length: UInt16) {
        self.type = type
        self.length = length
    }

    /// Reads a header, or nothing if its type has another header or is unknown, or its type never has this length.
    package init?(_ type: UInt8, _ high: UInt8, _ low: UInt8) {
        guard let type = ControlMessageType(rawValue: type) else { return nil }
        let length = UInt16(high) << 8 | UInt16(low)
        let isPossible =
            switch type {
            case .initiation: false
            case .response: Int(length) == ControlMessageSize.responsePayload
            case .error: true
            case .record: (ControlMessageSize.tag...ControlMessageSize.ciphertextMax).contains(Int(length))
            }
        guard isPossible else { return nil }
        self.init(type: type, length: length)
    }

    /// Reads exactly three bytes.
    package init?(bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(ControlMessageSize.header + 1))
        guard bytes.count == ControlMessageSize.header else { return nil }
        self.init(bytes[0], bytes[1], bytes[2])
    }

    /// The header as sent.
    package var bytes: [UInt8] {
        [type.rawValue, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
    }
}
