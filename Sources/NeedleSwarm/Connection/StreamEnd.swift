// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How a response, or a whole connection, came to its end.
package enum StreamEnd: Error, Equatable, Sendable {
    /// The server said that this was all.
    case finished
    /// The server reset the stream, with this HTTP/2 error code.
    case reset(code: UInt32)
    /// The server said goodbye to the connection, with this HTTP/2 error code.
    case goAway(code: UInt32, text: String)
    /// The connection was closed or lost without a word.
    case disconnected
    /// This client closed.
    case closedByClient
    /// This client gave up, because of what it was sent.
    case failed(ClientError)
}

extension StreamEnd: CustomStringConvertible {
    package var description: String {
        switch self {
        case .finished: "the server ended it"
        case .reset(let code): "the server reset it with code \(code)"
        case .goAway(let code, let text): "the server said goodbye with code \(code)\(text.isEmpty ? "" : ": \(text)")"
        case .disconnected: "the connection was closed or lost"
        case .closedByClient: "the client closed"
        case .failed(let error): "the client gave up: \(error)"
        }
    }
}
