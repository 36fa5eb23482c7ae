// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// A request's header block, without compression: nothing in it depends on what was sent before.
///
/// - Source: RFC 7541; names that the static table has are sent as their index.
enum HPACKRequest {
    private static let indexedGet: UInt8 = 0x82
    private static let indexedPost: UInt8 = 0x83
    private static let indexedHTTPS: UInt8 = 0x87
    private static let literal: UInt8 = 0x00
    private static let literalAuthority: UInt8 = 0x01
    private static let literalMethod: UInt8 = 0x02
    private static let literalPath: UInt8 = 0x04
    /// A literal whose name's index, 28, does not fit its four bits.
    private static let literalContentLength: [UInt8] = [0x0f, 28 - 15]

    static func write(_ request: HTTP2Request, to buffer: inout ByteBuffer) {
        switch request.method {
        case "GET": buffer.writeInteger(indexedGet)
        case "POST": buffer.writeInteger(indexedPost)
        default:
            buffer.writeInteger(literalMethod)
            buffer.writeHPACKString(request.method)
        }
        buffer.writeInteger(indexedHTTPS)
        buffer.writeInteger(literalAuthority)
        buffer.writeHPACKString(request.authority)
        buffer.writeInteger(literalPath)
        buffer.writeHPACKString(request.path)
        if let body = request.body {
            buffer.writeBytes(literalContentLength)
            buffer.writeHPACKString(String(body.readableBytes))
        }
        for field in request.fields {
            buffer.writeInteger(literal)
            buffer.writeHPACKString(field.name)
            buffer.writeHPACKString(field.value)
        }
    }
}

extension ByteBuffer {
    /// A length with a prefix of seven bits, then the text as it is.
    fileprivate mutating func writeHPACKString(_ text: String) {
        var length = text.utf8.count
        if length < 0x7f {
            writeInteger(UInt8(truncatingIfNeeded: length))
        } else {
            writeInteger(0x7f as UInt8)
            length -= 0x7f
            while length >= 0x80 {
                writeInteger(UInt8(truncatingIfNeeded: length & 0x7f | 0x80))
                length >>= 7
            }
            writeInteger(UInt8(truncatingIfNeeded: length))
        }
        writeString(text)
    }
}
