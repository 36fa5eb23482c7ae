// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The value of one device posture attribute.
package enum DeviceAttribute: Hashable, Sendable {
    /// A text.
    case string(String)
    /// A number.
    case number(Double)
    /// A truth value.
    case boolean(Bool)
    /// The attribute is to be deleted.
    case deleted
}

extension DeviceAttribute: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        switch try reader.nextKind() {
        case .string: self = .string(try reader.string(max: WireLimits.shortStringBytesMax))
        case .number: self = .number(try reader.double())
        case .boolean: self = .boolean(try reader.boolean())
        case .null:
            _ = try reader.null()
            self = .deleted
        case .array, .object: throw reader.failure(.wrongType, "expected a string, a number, true, false or null")
        }
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let text): writer.string(text)
        case .number(let number): writer.double(number)
        case .boolean(let flag): writer.boolean(flag)
        case .deleted: writer.null()
        }
    }
}
