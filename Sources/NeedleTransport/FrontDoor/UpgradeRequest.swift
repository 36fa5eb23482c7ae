// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import FoundationEssentials
import NIOHTTP1

/// What a request to one of the two upgradable paths asks for.
///
/// - Source: reference: protocol, sections 1.2 and 5.1.
enum UpgradeRequest: Equatable {
    /// `/ts2021`: this initiation opens a Noise handshake.
    case noise(initiation: [UInt8], isWebSocket: Bool)
    /// `/derp`.
    case relay(Transport)
    /// Asked for in a way that cannot be met.
    case refused(HTTPResponseStatus, String)

    /// How the relay's bytes travel.
    enum Transport: Equatable {
        case raw
        case fastStart
        case webSocket
    }

    /// Where Noise connections begin.
    static let noisePath = "/ts2021"
    /// Where relay connections begin.
    static let relayPath = "/derp"
    /// The value of `Upgrade`; clients compare the answer's with regard to case.
    static let noiseProtocol = "tailscale-control-protocol"
    /// The relay's value, as answered; asked for in any case.
    static let relayProtocol = "DERP"
    /// The relay's name as a WebSocket subprotocol.
    static let relaySubprotocol = "derp"
    /// The initiation in base64; a header field, or a query parameter for browsers.
    static let handshakeField = "X-Tailscale-Handshake"
    /// An initiation is 136 letters long; what is much longer is not decoded.
    static let handshakeTextBytesMax = 1024

    /// Reads the request; nothing if the path is neither of the two.
    init?(head: HTTPRequestHead, target: RequestTarget) {
        switch target.path {
        case Self.noisePath: self = Self.noise(head: head, target: target)
        case Self.relayPath: self = Self.relay(head: head)
        default: return nil
        }
    }

    /// Whether the HTTP parser takes what follows the request for another protocol.
    static func couldUpgrade(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT || head.headers.contains(name: "Upgrade") && asksForUpgrade(head.headers)
    }

    private static func asksForUpgrade(_ headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
    }

    private static func noise(head: HTTPRequestHead, target: RequestTarget) -> Self {
        guard head.method == .POST || head.method == .GET else {
            return .refused(.methodNotAllowed, "use POST, or GET for WebSocket")
        }
        let upgrade = head.headers["Upgrade"].joined(separator: ",").lowercased()
        guard !upgrade.isEmpty else {
            return .refused(.badRequest, "missing Upgrade header: \(noiseProtocol) is expected")
        }
        guard asksForUpgrade(head.headers) else {
            return .refused(.badRequest, "missing Connection header: upgrade is expected")
        }
        if upgrade == "websocket" {
            guard head.method == .GET else { return .refused(.badRequest, "a WebSocket upgrade has to be a GET") }
            guard offers(noiseProtocol, in: head.headers) else {
                return .refused(.badRequest, "the WebSocket subprotocol has to be \(noiseProtocol)")
            }
            guard let text = target.queryValue(handshakeField) else {
                return .refused(.badRequest, "missing \(handshakeField) query parameter")
            }
            return initiation(text, isWebSocket: true, place: "query parameter")
        }
        guard upgrade == noiseProtocol else {
            return .refused(.badRequest, "unknown Upgrade: \(noiseProtocol) is expected")
        }
        guard let text = head.headers.first(name: handshakeField), !text.isEmpty else {
            return .refused(.badRequest, "missing \(handshakeField) header")
        }
        return initiation(text, isWebSocket: false, place: "header")
    }

    private static func initiation(_ text: String, isWebSocket: Bool, place: String) -> Self {
        guard text.utf8.count <= handshakeTextBytesMax, let bytes = Data(base64Encoded: text), !bytes.isEmpty else {
            return .refused(.badRequest, "invalid \(handshakeField) \(place): base64 is expected")
        }
        return .noise(initiation: Array(bytes), isWebSocket: isWebSocket)
    }

    private static func relay(head: HTTPRequestHead) -> Self {
        let upgrade = asksForUpgrade(head.headers) ? head.headers.first(name: "Upgrade")?.lowercased() : nil
        if upgrade == "websocket", offers(relaySubprotocol, in: head.headers) {
            return .relay(.webSocket)
        }
        guard upgrade == relayProtocol.lowercased() else {
            return .refused(.upgradeRequired, "DERP requires connection upgrade")
        }
        return .relay(head.headers.first(name: "Derp-Fast-Start") == "1" ? .fastStart : .raw)
    }

    private static func offers(_ subprotocol: String, in headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "Sec-WebSocket-Protocol"].contains { $0 == subprotocol }
    }
}
