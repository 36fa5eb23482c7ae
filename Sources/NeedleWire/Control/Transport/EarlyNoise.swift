// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What the server sends before HTTP/2 begins.
package struct EarlyNoise: Hashable, Sendable {
    /// A key for proofs that no client gives today.
    package var nodeKeyChallenge = ChallengeKey.zero

    /// What is not given is left at the value that stands for "absent".
    package init(nodeKeyChallenge: ChallengeKey = .zero) {
        self.nodeKeyChallenge = nodeKeyChallenge
    }
}

extension EarlyNoise: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case nodeKeyChallenge

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .nodeKeyChallenge: nodeKeyChallenge = try reader.value() ?? .zero
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("nodeKeyChallenge", nodeKeyChallenge)
        writer.endObject()
    }
}
