// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleNoise
package import NeedleWire

/// Why a simulated client could not do what it was asked.
package indirect enum ClientError: Error, Equatable, Sendable {
    /// The URL is not `http://` or `https://` with a host and nothing after it.
    case badURL(String)
    /// No connection came about; the text is the system's.
    case unreachable(String)
    /// What was waited for did not come in time.
    case timedOut(waitingFor: String, milliseconds: Int64)
    /// `/key` was not answered with a key.
    case noServerKey(status: Int, text: String)
    /// `/ts2021` was not answered with 101.
    case upgradeRefused(status: Int, text: String)
    /// What came is no HTTP/1.1 response that this client reads.
    case malformedHTTP(String)
    /// The handshake, a record or the early payload was bad; with ``NoiseError/refused(_:)`` the server's words.
    case noise(NoiseError)
    /// The HTTP/2 inside was bad.
    case http2(HTTP2Violation)
    /// TLS failed; the text is the library's.
    case tls(String)
    /// A request was answered with another status than 200.
    case refused(status: Int, text: String)
    /// A message could not be read.
    case malformed(WireError)
    /// A compressed message could not be read; the text is a clause.
    case compression(String)
    /// A map message breaks the rules that clients rely on.
    case violation(ClientMap.Violation)
    /// The server answered the registration with this text.
    case registrationRefused(String)
    /// A person has to visit this URL first.
    case needsLogin(url: String)
    /// The stream or connection ended before.
    case ended(StreamEnd)
    /// The client was not connected.
    case notConnected
    /// The configuration asks for something that the tool does not do.
    case badConfiguration(String)
}

extension ClientError {
    /// No connection came about; the system's words without the addresses, which differ for every client.
    static func unreachable(because error: any Error) -> ClientError {
        let text = "\(error)"
        guard !text.contains("unknown(host") else { return .unreachable("nothing is known of a host of that name") }
        let known = ["Connection refused", "Connection reset", "timed out", "ConnectTimeout"]
        return .unreachable(known.first(where: text.contains) ?? text)
    }
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badURL(let url): "\(url.debugDescription) is no control URL; write http://host:port or https://host:port"
        case .unreachable(let text): "no connection: \(text)"
        case .timedOut(let what, let milliseconds): "\(what) did not come within \(milliseconds) ms"
        case .noServerKey(let status, let text): "/key was answered with \(status): \(text)"
        case .upgradeRefused(let status, let text): "/ts2021 was answered with \(status): \(text)"
        case .malformedHTTP(let text): "the answer is no HTTP/1.1: \(text)"
        case .noise(let error): "\(error)"
        case .http2(let violation): "HTTP/2: \(violation)"
        case .tls(let text): "TLS: \(text)"
        case .refused(let status, let text): "the request was answered with \(status): \(text)"
        case .malformed(let error): "a message cannot be read: \(error)"
        case .compression(let text): "a compressed message cannot be read: \(text)"
        case .violation(let violation): "a map message is wrong: \(violation)"
        case .registrationRefused(let text): "the registration was refused: \(text)"
        case .needsLogin(let url): "a person has to visit \(url)"
        case .ended(let end): "it was over before: \(end)"
        case .notConnected: "the client is not connected; call connect() first"
        case .badConfiguration(let text): text
        }
    }
}
