// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// The answer to a ``STUNBindingRequest``: where its datagram came from.
///
/// - Source: RFC 8489 section 14.2.
/// - Shape: one XOR-MAPPED-ADDRESS: u8 zero, u8 family (1 or 2), u16 port, address; port and address combined with the
///   cookie and the transaction, which keeps meddling routers from rewriting them.
package struct STUNBindingResponse: Hashable, Sendable {
    /// The request's.
    package let transaction: STUNTransactionID
    /// The source of the request; IPv4-mapped addresses are written as IPv4.
    package let source: Endpoint

    /// The answer to the request of `transaction` that came from `source`.
    package init(transaction: STUNTransactionID, source: Endpoint) {
        self.transaction = transaction
        self.source = Endpoint(address: source.address.unmapped, port: source.port)
    }

    /// The datagram.
    package var datagram: [UInt8] {
        let isV6 = source.address.family == .v6
        let valueBytes: UInt16 = isV6 ? 20 : 8
        var bytes = STUNMessage.header(
            type: STUNMessage.bindingSuccess,
            attributeBytes: 4 + valueBytes,
            transaction: transaction
        )
        bytes.append(integer: STUNMessage.xorMappedAddress)
        bytes.append(integer: valueBytes)
        bytes.append(integer: UInt16(isV6 ? 2 : 1))
        bytes.append(integer: source.port ^ UInt16(STUNMessage.cookie >> 16))
        bytes.append(contentsOf: Self.mask(source.address, transaction).bytes)
        return bytes
    }

    /// Reads a response as clients do, or nothing; for tests and simulated clients.
    package init?(datagram: [UInt8]) {
        guard let message = STUNMessage(datagram: datagram), message.type == STUNMessage.bindingSuccess else {
            return nil
        }
        let sources = message.attributes.lazy.compactMap { Self.source(in: $0, of: message.transaction) }
        guard let source = sources.first else { return nil }
        self.init(transaction: message.transaction, source: source)
    }

    private static func source(in attribute: STUNMessage.Attribute, of transaction: STUNTransactionID) -> Endpoint? {
        let isMasked =
            attribute.type == STUNMessage.xorMappedAddress || attribute.type == STUNMessage.xorMappedAddressOld
        guard isMasked || attribute.type == STUNMessage.mappedAddress else { return nil }
        let value = Array(attribute.value)
        guard let family = value.number(at: 0, bytes: 2), let port = value.number(at: 2, bytes: 2).map(UInt16.init),
            let address = IPAddress(bytes: value.dropFirst(4)), family == (address.family == .v4 ? 1 : 2)
        else { return nil }
        guard isMasked else { return Endpoint(address: address, port: port) }
        return Endpoint(address: mask(address, transaction), port: port ^ UInt16(STUNMessage.cookie >> 16))
    }

    /// Combines an address with the cookie and the transaction; the same again gives it back.
    private static func mask(_ address: IPAddress, _ transaction: STUNTransactionID) -> IPAddress {
        let mask = address.family == .v4 ? UInt128(STUNMessage.cookie) : transaction.addressMask
        return IPAddress(family: address.family, bits: address.bits ^ mask)
    }
}
