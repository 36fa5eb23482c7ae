// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import FoundationEssentials
package import NeedleTypes

/// The challenge that a server may send before HTTP/2 begins.
///
/// Its header is as long as an HTTP/2 frame's, and no such frame begins like it.
///
/// - Source: `tailcfg.EarlyNoise` and `control/ts2021/conn.go` of the public client.
/// - Shape: `FF FF FF 54 53`, u32 big-endian length, then `{"nodeKeyChallenge":"chalpub:…"}`.
package struct EarlyPayload: Equatable, Sendable {
    static let magic: [UInt8] = [0xff, 0xff, 0xff, UInt8(ascii: "T"), UInt8(ascii: "S")]
    /// The bytes before the JSON.
    package static let headerLength = 9
    /// The most JSON that is read; the public client has the same limit.
    package static let lengthMax = 10 << 20

    /// A public key whose private half only the server knows; no client uses it today, zero is fine.
    package let challenge: ChallengeKey

    /// A payload with this challenge.
    package init(challenge: ChallengeKey) {
        self.challenge = challenge
    }

    /// The payload as the first plaintext from the server; it stays far below one client's limit of 1024 bytes.
    package func encode() -> [UInt8] {
        let json = Array(#"{"nodeKeyChallenge":"\#(challenge.text)"}"#.utf8)
        let length = UInt32(truncatingIfNeeded: json.count)
        let lengthBytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
        return Self.magic + lengthBytes + json
    }

    /// Reads the JSON of a payload.
    ///
    /// - Throws: ``NoiseError/malformedChallenge``.
    package init(json: [UInt8]) throws(NoiseError) {
        guard json.count <= Self.lengthMax else { throw .wrongSize(.earlyPayload, bytes: json.count) }
        do {
            self.init(challenge: try JSONDecoder().decode(Content.self, from: Data(json)).nodeKeyChallenge)
        } catch {
            throw .malformedChallenge
        }
    }

    private struct Content: Decodable {
        let nodeKeyChallenge: ChallengeKey
    }
}
