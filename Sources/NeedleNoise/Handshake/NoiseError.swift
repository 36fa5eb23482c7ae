// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a handshake, a record or a box was refused.
///
/// Every one of them ends the connection it came from; none carries a secret.
package enum NoiseError: Error, Equatable, Sendable {
    /// What was being read or made.
    package enum Part: String, Sendable {
        case initiation
        case response
        case record
        case box
        case earlyPayload = "early payload"
        case ephemeralKey = "ephemeral key"
        case machineKey = "machine key"
        case nonce
    }

    /// A part has a size that it can never have.
    case wrongSize(Part, bytes: Int)
    /// A message's type is not the one that may come here.
    case wrongType(Part, found: UInt8)
    /// A header's length field contradicts the message.
    case wrongLength(Part, found: Int)
    /// A version does not fit the 16 bits that the initiation has for it.
    case unsendableVersion(Int)
    /// A key is all zero, or gives the same secret with every other key.
    case unusableKey
    /// A part was not made by the holder of the right key, or was changed on its way.
    case forged(Part)
    /// The server answered the handshake with this text, which is not authenticated.
    case refused(String)
    /// A direction has used all its nonces.
    case exhausted
    /// A record came after one that was refused.
    case broken
    /// The early payload holds something else than a challenge.
    case malformedChallenge
    /// libsodium could not be set up.
    case unavailable
}

extension NoiseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongSize(let part, let bytes):
            "The \(part.rawValue) has \(bytes) bytes, which is never right; close the connection."
        case .wrongType(let part, let found):
            "A message of type \(found) stands where a \(part.rawValue) belongs; close the connection."
        case .wrongLength(let part, let found):
            "The header of the \(part.rawValue) announces \(found) bytes, which is never right; close the connection."
        case .unsendableVersion(let version):
            "Version \(version) does not fit 16 bits; use one from 0 to 65535."
        case .unusableKey:
            "A key is zero or of low order; close the connection, or make another key."
        case .forged(let part):
            "The \(part.rawValue) does not authenticate; check that the client knows this server's key."
        case .refused(let text):
            "The server refused the handshake: \(text.debugDescription)"
        case .exhausted:
            "All nonces of this direction are used; open a new connection."
        case .broken:
            "An earlier record was refused; close the connection."
        case .malformedChallenge:
            "The early payload holds no challenge key; close the connection."
        case .unavailable:
            "libsodium could not be set up; check the installation."
        }
    }
}
