// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
package import NIOHPACK
package import NeedleTypes

/// Who is on the other end of a Noise connection.
package struct InnerPeer: Sendable, Equatable {
    /// The machine that made the handshake; whether it is known is for the router to say.
    package let noiseKey: MachineKey
    /// What the client understands.
    ///
    /// It may be below the minimum: the router then answers with a sentence.
    package let version: CapabilityVersion
    /// Where the connection comes from.
    package let remote: IPAddress?
}

/// A whole request inside a Noise connection.
///
/// Neither `:authority` nor `host` is in it, because clients send there what they like.
package struct InnerRequest: Sendable {
    /// `GET`, `POST`, `PATCH`; a GET may have a body.
    package let method: String
    /// Without the query.
    package let path: String
    /// What follows the question mark, percent-encoding kept.
    package let query: String?
    /// As received, names in lower case.
    package let headers: HPACKHeaders
    /// The whole body.
    package let body: ByteBuffer
    /// Who asks.
    package let peer: InnerPeer
}
