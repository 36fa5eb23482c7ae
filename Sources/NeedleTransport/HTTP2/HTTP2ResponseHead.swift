// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// The header fields of a response: the three that this server sends.
///
/// Written without a dynamic table, by static index or spelt out, so that a connection needs no encoder.
///
/// - Source: RFC 7541, sections 5, 6 and appendix A.
struct HTTP2ResponseHead: Equatable {
    var status: Int
    var contentType: String?
    var contentLength: Int?

    /// The statuses of the static table, from index 8 on.
    private static let indexed = [200, 204, 206, 304, 400, 404, 500]
    private static let statusIndex: UInt8 = 8
    private static let contentLengthIndex = 28
    private static let contentTypeIndex = 31
    /// Sets the size of the table to 0.
    private static let emptyTable: UInt8 = 0x20

    /// Writes a whole header block.
    ///
    /// - Parameters:
    ///   - isFirst: whether it is the connection's first: it then says that we use no table, so that the client need
    ///     not be told again whatever size it asks for.
    ///   - buffer: where to.
    func write(isFirst: Bool, to buffer: inout ByteBuffer) {
        if isFirst { buffer.writeInteger(Self.emptyTable) }
        if let index = Self.indexed.firstIndex(of: status) {
            buffer.writeInteger(0x80 | (Self.statusIndex + UInt8(index)))
        } else {
            buffer.writeInteger(Self.statusIndex)
            Self.write(String(status), to: &buffer)
        }
        if let contentType { Self.write(contentType, name: Self.contentTypeIndex, to: &buffer) }
        if let contentLength { Self.write(String(contentLength), name: Self.contentLengthIndex, to: &buffer) }
    }

    /// A literal without indexing whose name has an index.
    private static func write(_ value: String, name: Int, to buffer: inout ByteBuffer) {
        writeInteger(name, prefix: 4, to: &buffer)
        write(value, to: &buffer)
    }

    private static func write(_ text: String, to buffer: inout ByteBuffer) {
        writeInteger(text.utf8.count, prefix: 7, to: &buffer)
        buffer.writeString(text)
    }

    /// A number behind a prefix of zeros.
    private static func writeInteger(_ value: Int, prefix: Int, to buffer: inout ByteBuffer) {
        let full = 1 << prefix - 1
        guard value >= full else {
            buffer.writeInteger(UInt8(truncatingIfNeeded: value))
            return
        }
        buffer.writeInteger(UInt8(truncatingIfNeeded: full))
        var rest = value - full
        while rest >= 0x80 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: rest & 0x7f | 0x80))
            rest >>= 7
        }
        buffer.writeInteger(UInt8(truncatingIfNeeded: rest))
    }
}
