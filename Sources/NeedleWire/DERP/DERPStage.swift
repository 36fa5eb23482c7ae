// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Who is reading, and how far the log-in has come; decides what may arrive and how long it may be.
package enum DERPStage: Hashable, Sendable, CaseIterable {
    /// A server that has greeted and waits for the log-in.
    case serverAwaitingClientInfo
    /// A server that serves the client.
    case serverSteady
    /// A client at any time.
    case client

    /// What to do with a frame, known from its first five bytes.
    enum Rule: Equatable {
        /// Hand it on if its length is within this.
        case keep(ClosedRange<Int>)
        /// Throw the payload away as it comes in, if it is not longer than ``DERPProtocol/frameBytesMax``.
        case discard
        /// Stop.
        case refuse
    }

    /// What to do with a frame of `type`.
    func rule(for type: DERPFrameType) -> Rule {
        switch self {
        case .serverAwaitingClientInfo: type == .clientInfo ? .keep(Self.clientInfoBytes) : .refuse
        case .serverSteady: Self.steadyRule(for: type)
        case .client: .keep(0...DERPProtocol.frameBytesMax)
        }
    }

    private static let clientInfoBytes =
        DERPProtocol.keyBytes + DERPProtocol.nonceBytes...DERPProtocol.clientInfoBytesMax

    private static func steadyRule(for type: DERPFrameType) -> Rule {
        let key = DERPProtocol.keyBytes
        return switch type {
        case .sendPacket: .keep(key...key + DERPProtocol.packetBytesMax)
        case .notePreferred: .keep(1...1)
        case .ping: .keep(8...DERPProtocol.pingBytesMax)
        case .watchConns: .keep(0...0)
        case .closePeer: .keep(key...key)
        case .forwardPacket: .keep(2 * key...2 * key + DERPProtocol.packetBytesMax)
        // The server sends no pings, so a pong means nothing, like every other type that is not for servers.
        default: .discard
        }
    }
}
