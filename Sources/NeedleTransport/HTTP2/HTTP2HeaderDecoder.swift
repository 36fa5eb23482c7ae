// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK

/// Reads the header blocks of one connection.
///
/// Clients send entries for the dynamic table before they have seen our SETTINGS, so there is one. Our SETTINGS then
/// set its size to 0: from the acknowledgement on, blocks say everything themselves and no state is kept. Until then a
/// connection has 2.3 KB for its table. A decoder that is made anew takes 4.3 KB at once, because it makes a copy of
/// the static table too; so all are copies of one, which share it.
///
/// - Source: RFC 7541, section 4.2; RFC 9113, section 4.3.
struct HTTP2HeaderDecoder {
    private static let withTable = HPACKDecoder(allocator: ByteBufferAllocator())
    private static let withoutTable = HPACKDecoder(allocator: ByteBufferAllocator(), maxDynamicTableSize: 0)

    /// The decoder with its table, at most one; in an array because most connections have none.
    private var table: [HPACKDecoder] = []
    private var hasTable = true

    /// The client has acknowledged that the table's size is 0.
    mutating func dropTable() {
        hasTable = false
        table = []
    }

    /// Reads one block.
    ///
    /// - Throws: in every case a fault of the connection, since the table may be different from the client's now.
    mutating func decode(_ block: ByteBuffer, bytesMax: Int) throws(HTTP2ServerFault) -> HPACKHeaders {
        var block = block
        do {
            guard hasTable else {
                var decoder = Self.withoutTable
                decoder.maxHeaderListSize = bytesMax
                return try decoder.decodeHeaders(from: &block)
            }
            if table.isEmpty { table.append(Self.withTable) }
            table[0].maxHeaderListSize = bytesMax
            return try table[0].decodeHeaders(from: &block)
        } catch is NIOHPACKErrors.MaxHeaderListSizeViolation {
            throw HTTP2ServerFault(.enhanceYourCalm, "header fields of more than \(bytesMax) bytes")
        } catch {
            throw HTTP2ServerFault(.compressionError, "a header block that cannot be read")
        }
    }
}
