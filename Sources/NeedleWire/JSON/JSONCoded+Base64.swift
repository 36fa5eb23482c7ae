// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import FoundationEssentials

/// Go's `[]byte`: standard base64 with padding, or null.
extension JSONReader {
    /// Reads bytes of which there are at most `max`; nothing for null and for the empty text.
    package mutating func base64(max: Int) throws(WireError) -> [UInt8]? {
        guard let text = try text(max: max / 3 * 4 + 4), !text.isEmpty else { return nil }
        guard let data = Data(base64Encoded: text) else { throw failure(.invalidValue, "expected padded base64") }
        guard data.count <= max else { throw failure(.limitExceeded, "longer than \(max) bytes") }
        return Array(data)
    }
}

extension JSONWriter {
    /// Writes a field with bytes if there are any.
    package mutating func field(_ name: StaticString, base64IfPresent bytes: [UInt8]?) {
        guard let bytes, !bytes.isEmpty else { return }
        field(name)
        base64(bytes)
    }

    /// Writes bytes.
    package mutating func base64(_ bytes: [UInt8]) {
        quoted { $0.append(contentsOf: Data(bytes).base64EncodedData()) }
    }
}
