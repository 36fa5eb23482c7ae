// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleWire

/// Why a relay connection ended.
package enum RelayCloseReason: Error, Equatable, Sendable {
    /// The client hung up, or the network did.
    case peerClosed
    /// No log-in in time.
    case loginTimeout
    /// The client does not read.
    case writeTimeout
    /// Writing failed.
    case writeFailed
    /// A frame is too long, too short, or not allowed now.
    case badFrame(DERPError)
    /// The log-in is no box from that key, or holds no JSON object.
    case unreadableLogin
    /// The key is not a node's that may use this relay.
    case notAdmitted
    /// ``RelayLimits/clientsMax`` or ``RelayLimits/pendingLoginsMax`` is reached.
    case full
    /// A frame that only another relay may send.
    case privilegedFrame(DERPFrameType)
    /// A message that may not come at this point.
    case unexpectedMessage
    /// The node was removed or has expired.
    case removed
    /// The same client opened too many connections.
    case evicted
    /// The server stops.
    case shutdown

    /// A word for metrics and logs.
    package var label: String {
        switch self {
        case .peerClosed: "peer_closed"
        case .loginTimeout: "login_timeout"
        case .writeTimeout: "write_timeout"
        case .writeFailed: "write_failed"
        case .badFrame: "bad_frame"
        case .unreadableLogin: "unreadable_login"
        case .notAdmitted: "not_admitted"
        case .full: "full"
        case .privilegedFrame: "privileged_frame"
        case .unexpectedMessage: "unexpected_message"
        case .removed: "removed"
        case .evicted: "evicted"
        case .shutdown: "shutdown"
        }
    }
}
