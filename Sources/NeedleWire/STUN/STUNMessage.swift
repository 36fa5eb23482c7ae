// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The frame that STUN requests and responses share.
///
/// - Source: RFC 8489 sections 5 and 14.
/// - Shape: u16 type, u16 length of the attributes, u32 cookie, 12 bytes of transaction; then attributes, each u16
///   type, u16 length, value, and zeros up to a multiple of four.
struct STUNMessage: Equatable {
    /// One attribute, and where its head begins in the datagram.
    struct Attribute: Equatable {
        let type: UInt16
        let value: ArraySlice<UInt8>
        let offset: Int
    }

    static let cookie: UInt32 = 0x2112_a442
    static let headerBytes = 20
    /// No message that we read or write is longer; what would not fit an unfragmented datagram is not looked at.
    static let datagramBytesMax = 1_280

    static let bindingRequest: UInt16 = 0x0001
    static let bindingSuccess: UInt16 = 0x0101

    static let mappedAddress: UInt16 = 0x0001
    static let xorMappedAddress: UInt16 = 0x0020
    /// The number that ``xorMappedAddress`` had in a draft; some servers still use it.
    static let xorMappedAddressOld: UInt16 = 0x8020
    static let software: UInt16 = 0x8022
    static let fingerprint: UInt16 = 0x8028

    let type: UInt16
    let transaction: STUNTransactionID
    let attributes: [Attribute]

    /// Reads a datagram, or nothing if it is no STUN message.
    init?(datagram: [UInt8]) {
        guard (Self.headerBytes...Self.datagramBytesMax).contains(datagram.count),
            datagram.number(at: 4, bytes: 4) == UInt64(Self.cookie),
            let type = datagram.number(at: 0, bytes: 2), type < 0x4000,
            datagram.number(at: 2, bytes: 2) == UInt64(datagram.count - Self.headerBytes),
            let transaction = STUNTransactionID(bytes: datagram[8..<20]),
            let attributes = Self.attributes(in: datagram)
        else { return nil }
        self.type = UInt16(type)
        self.transaction = transaction
        self.attributes = attributes
    }

    private static func attributes(in datagram: [UInt8]) -> [Attribute]? {
        var attributes: [Attribute] = []
        var offset = headerBytes
        while offset < datagram.count {
            guard let type = datagram.number(at: offset, bytes: 2),
                let length = datagram.number(at: offset + 2, bytes: 2).map(Int.init),
                length <= datagram.count - offset - 4
            else { return nil }
            let start = offset + 4
            attributes.append(
                Attribute(type: UInt16(type), value: datagram[start..<start + length], offset: offset)
            )
            offset = start + (length + 3) & ~3
        }
        return attributes
    }

    /// Writes the head of a message whose attributes take `attributeBytes`.
    static func header(type: UInt16, attributeBytes: UInt16, transaction: STUNTransactionID) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(integer: type)
        bytes.append(integer: attributeBytes)
        bytes.append(integer: cookie)
        bytes.append(contentsOf: transaction.bytes)
        return bytes
    }
}

extension [UInt8] {
    /// The number in network order at `offset`, or nothing beyond the end.
    func number(at offset: Int, bytes: Int) -> UInt64? {
        guard offset >= 0, offset <= count - bytes else { return nil }
        return self[offset..<offset + bytes].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
