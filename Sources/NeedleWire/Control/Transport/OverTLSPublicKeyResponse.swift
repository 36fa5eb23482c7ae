// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// The answer of `GET /key`.
package struct OverTLSPublicKeyResponse: Hashable, Sendable {
    /// Zero here, but the Rust client needs it to be there.
    package var legacyPublicKey = MachineKey.zero
    /// The static key of the server's Noise handshakes.
    package var publicKey = MachineKey.zero

    /// What is not given is left at the value that stands for "absent".
    package init(legacyPublicKey: MachineKey = .zero, publicKey: MachineKey = .zero) {
        self.legacyPublicKey = legacyPublicKey
        self.publicKey = publicKey
    }
}

extension OverTLSPublicKeyResponse: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case legacyPublicKey
        case publicKey

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .legacyPublicKey: legacyPublicKey = try reader.value() ?? .zero
            case .publicKey: publicKey = try reader.value() ?? .zero
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("legacyPublicKey", legacyPublicKey)
        writer.field("publicKey", publicKey)
        writer.endObject()
    }
}
