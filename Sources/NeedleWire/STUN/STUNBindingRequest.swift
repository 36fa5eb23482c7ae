// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A client's question which address its datagrams come from.
///
/// Only the form that Tailscale clients send is read, so that the server answers nobody else: a response of 32 bytes
/// (44 for IPv6) to a request of 40 is useless for amplification, but silence is better still.
///
/// - Source: RFC 8489; `net/stun/stun.go` of the public client.
/// - Shape: binding request, SOFTWARE `tailnode`, FINGERPRINT last.
package struct STUNBindingRequest: Hashable, Sendable {
    private static let softwareName = Array("tailnode".utf8)
    private static let fingerprintMask: UInt32 = 0x5354_554e

    /// Comes back in the response.
    package let transaction: STUNTransactionID

    /// A request of this transaction.
    package init(transaction: STUNTransactionID) {
        self.transaction = transaction
    }

    /// Reads a datagram, or nothing if no answer is due.
    package init?(datagram: [UInt8]) {
        guard let message = STUNMessage(datagram: datagram), message.type == STUNMessage.bindingRequest,
            message.attributes.contains(where: {
                $0.type == STUNMessage.software && $0.value.elementsEqual(Self.softwareName)
            }),
            let last = message.attributes.last, last.type == STUNMessage.fingerprint, last.value.count == 4,
            Array(last.value).number(at: 0, bytes: 4) == UInt64(Self.fingerprint(of: datagram[..<last.offset]))
        else { return nil }
        transaction = message.transaction
    }

    /// The datagram; for tests and simulated clients.
    package var datagram: [UInt8] {
        var bytes = STUNMessage.header(
            type: STUNMessage.bindingRequest,
            attributeBytes: UInt16(4 + Self.softwareName.count + 8),
            transaction: transaction
        )
        bytes.append(integer: STUNMessage.software)
        bytes.append(integer: UInt16(Self.softwareName.count))
        bytes.append(contentsOf: Self.softwareName)
        let fingerprint = Self.fingerprint(of: bytes[...])
        bytes.append(integer: STUNMessage.fingerprint)
        bytes.append(integer: UInt16(4))
        bytes.append(integer: fingerprint)
        return bytes
    }

    private static func fingerprint(of bytes: ArraySlice<UInt8>) -> UInt32 {
        CRC32.checksum(bytes) ^ fingerprintMask
    }
}
