// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The kinds of message on a control connection.
///
/// - Source: `control/controlbase/messages.go` of the public client.
package enum ControlMessageType: UInt8, Sendable {
    /// The client's only handshake message; the one whose header begins with a version.
    case initiation = 1
    /// The server's only handshake message.
    case response = 2
    /// The server's refusal of a handshake, unauthenticated text.
    case error = 3
    /// Data, once the handshake is done.
    case record = 4
}

/// The sizes of what travels on a control connection.
///
/// - Units: bytes.
package enum ControlMessageSize {
    /// The header of all messages but the initiation.
    package static let header = 3
    /// What authenticates a ciphertext, at its end.
    package static let tag = 16
    /// The whole initiation: version, type, length, ephemeral key, sealed machine key, tag.
    package static let initiation = 101
    /// The whole response: type, length, ephemeral key, tag.
    package static let response = 51
    /// The most that one record may take, with its header.
    package static let recordMax = 4096
    /// The most that one record may carry sealed.
    package static let ciphertextMax = recordMax - header
    /// The most that one record may carry.
    package static let plaintextMax = ciphertextMax - tag
    /// The most text that a refusal written here carries.
    package static let errorTextMax = 1024

    static let key = 32
    static let initiationHeader = 5
    static let initiationPayload = initiation - initiationHeader
    static let responsePayload = response - header
}
