// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleNoise
internal import NeedleTypes

/// The text that a person hands to a client: `hskey-auth-` + 12 hex + `-` + 64 hex.
///
/// The 64 digits are 256 random bits, so nobody can guess them and a slow hash (bcrypt takes 75 ms) would protect
/// nothing: they are kept as a hash that is keyed with the prefix, and compared in constant time.
///
/// - Source: headscale's key format, reference 1j.
package struct PreAuthKeySecret: Sendable, CustomStringConvertible {
    static let marker = "hskey-auth-"

    let prefix: String
    private let secret: String

    /// Makes a new secret.
    static func generate(using random: inout some RandomNumberGenerator) -> PreAuthKeySecret {
        func hex(bytes count: Int) -> String {
            Hex.encode((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
        return PreAuthKeySecret(prefix: hex(bytes: 6), secret: hex(bytes: 32))
    }

    private init(prefix: String, secret: String) {
        self.prefix = prefix
        self.secret = secret
    }

    /// Takes the text apart, or nothing if it is not of the form above.
    init?(text: String) {
        guard text.hasPrefix(Self.marker) else { return nil }
        let parts = text.dropFirst(Self.marker.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 12, parts[1].utf8.count == 64,
            Hex.decode(parts[0].utf8) != nil, Hex.decode(parts[1].utf8) != nil
        else { return nil }
        self.init(prefix: String(parts[0]), secret: String(parts[1]))
    }

    /// What is stored; 32 bytes.
    var hash: [UInt8] {
        BLAKE2s.authenticate(Array(secret.utf8), key: Array(prefix.utf8))
    }

    /// Whether `record` is the record of this key; takes the same time wherever the hashes differ.
    func matches(_ record: PreAuthKeyRecord) -> Bool {
        let own = hash
        guard own.count == record.hash.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(own, record.hash) { difference |= left ^ right }
        return difference == 0
    }

    /// The whole key; a secret, shown once.
    package var secretText: String { "\(Self.marker)\(prefix)-\(secret)" }

    package var description: String { "\(Self.marker)\(prefix)-[redacted]" }
}
