// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What is wrong with a frame; always the other side's fault, and the connection cannot go on.
package enum DERPError: Error, Equatable, Sendable {
    /// The announced length is not one that this type may have.
    case badLength(DERPFrameType, length: Int, allowed: ClosedRange<Int>)
    /// This type may not come now.
    case unexpected(DERPFrameType)
    /// The greeting does not begin as a greeting does.
    case badMagic
}

extension DERPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badLength(let type, let length, let allowed):
            "\(type) announced \(length) bytes; allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
        case .unexpected(let type):
            "\(type) is not allowed at this point of the connection"
        case .badMagic:
            "the greeting does not begin with the relay protocol's magic bytes; is this a DERP server?"
        }
    }
}
