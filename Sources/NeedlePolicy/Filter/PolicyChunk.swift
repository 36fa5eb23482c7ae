// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleWire

/// A named part of a node's packet filter: what one list of sources may do there.
///
/// The name follows from how the sources and the destination are spelled, so a chunk keeps it when the policy around it
/// changes.
package struct PolicyChunk: Sendable {
    /// What the rules of a chunk are made from.
    enum Content: Sendable {
        /// An index of ``CompiledPolicy/parts``, and how much of its list of sources.
        case part(Int32, SourcePortion)
        /// An edge to `autogroup:self`.
        case ownDevices(edge: Int32)
    }

    /// Stands for the name where many are kept.
    package let key: UInt64
    /// Equal when the rules are equal; a different one tells that they have to be sent again.
    package let version: UInt64
    /// Its sources if other nodes may have the same: those of rules that let packets through to others than a user's own
    /// devices.
    package let sources: SharedSources?
    let content: Content

    /// The client's name for it.
    package var name: String { Self.name(ofKey: key) }

    /// The client's name for the chunk with `key`.
    package static func name(ofKey key: UInt64) -> String { "p" + String(key, radix: 36) }

    /// Writes the client's name for it, as a string.
    package func writeName(to writer: inout JSONWriter) {
        writer.raw(#""p"#)
        writer.digits(key, radix: 36)
        writer.raw("\"")
    }
}
