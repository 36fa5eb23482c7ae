// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// How far a ``RelayClientMachine`` has come.
///
/// Copyable on purpose: every case is a key and a time at most, so taking one apart and putting it back moves nothing
/// on the heap.
enum RelayClientState: Equatable {
    /// Not begun.
    case idle
    /// The greeting is out or on its way, the client's turn.
    case greeted(loginDeadline: Duration)
    /// The shell opens the log-in of this key.
    case opening(NodeKey, loginDeadline: Duration)
    /// The shell asks whether this key may come in.
    case admitting(NodeKey, loginDeadline: Duration)
    /// Logged in.
    case steady(NodeKey, keepAliveAt: Duration)
    /// Over.
    case closed
}
