// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What becomes of one of the messages that a client shows.
package enum DisplayMessageChange: Hashable, Sendable {
    /// It is shown, or shown anew.
    case shown(DisplayMessage)
    /// It is taken away; under the name `*`, all that were there before are.
    case removed
}

extension DisplayMessageChange: JSONCoded {
    package init(from reader: inout JSONReader) throws(WireError) {
        self = try reader.value(DisplayMessage.self).map(Self.shown) ?? .removed
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .shown(let message): message.write(to: &writer)
        case .removed: writer.null()
        }
    }
}
