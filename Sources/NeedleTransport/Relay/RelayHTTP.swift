// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOHTTP1
package import NeedleTypes
import NeedleWire

/// What the relay answers to HTTP requests, before there is a relay connection.
///
/// - Source: `derp/derpserver/handler.go`, `derp/derphttp` of the public client.
package enum RelayHTTP {
    /// What the front door is to do with a request.
    package enum Answer: Equatable, Sendable {
        /// Answer, and go on with HTTP.
        case respond(RelayHTTPResponse)
        /// Write this head, or nothing at all if there is none, and go on with a ``RelayHandler``.
        ///
        /// There is none for a client that asked for a fast start: it knows the server's key from the certificate, and
        /// takes the first byte after its request for a frame.
        case becomeRelay(head: RelayHTTPResponse?)
        /// Complete a WebSocket upgrade with the subprotocol `derp` and without compression, from any origin, and go on
        /// with a ``RelayHandler`` behind an adapter that makes one byte stream of the binary messages.
        case becomeWebSocketRelay
    }

    /// Longer challenges are not answered.
    private static let challengeLengthMax = 64

    /// Says how to answer a request.
    ///
    /// - Parameters:
    ///   - method: Looked at for measurements only: Go clients GET `/derp`, the Rust client POSTs.
    ///   - target: The request target; its query is ignored, and the absolute form that the Rust client uses is read.
    ///   - headers: The request's.
    ///   - serverKey: What goes into `Derp-Public-Key`.
    /// - Returns: Nothing if the path is not the relay's.
    package static func answer(
        method: HTTPMethod,
        target: String,
        headers: HTTPHeaders,
        serverKey: NodeKey
    ) -> Answer? {
        switch path(of: target) {
        case "/derp": relay(headers, serverKey: serverKey)
        case "/derp/probe", "/derp/latency-check": .respond(measurement(method))
        case "/generate_204": .respond(noContent(headers))
        default: nil
        }
    }

    // MARK: /derp

    private static func relay(_ headers: HTTPHeaders, serverKey: NodeKey) -> Answer {
        let protocols = headers[canonicalForm: "Upgrade"].map { $0.lowercased() }
        if protocols.contains("derp") {
            let isFastStart = headers.first(name: "Derp-Fast-Start") == "1"
            return .becomeRelay(head: isFastStart ? nil : switchingProtocols(serverKey))
        }
        let subprotocols = headers[canonicalForm: "Sec-WebSocket-Protocol"]
        if protocols.contains("websocket"), subprotocols.contains(where: { $0.lowercased() == "derp" }) {
            return .becomeWebSocketRelay
        }
        return .respond(upgradeRequired)
    }

    private static func switchingProtocols(_ serverKey: NodeKey) -> RelayHTTPResponse {
        let headers: HTTPHeaders = [
            "Upgrade": "DERP",
            "Connection": "Upgrade",
            "Derp-Version": String(DERPProtocol.version),
            "Derp-Public-Key": Hex.encode(serverKey.bytes),
        ]
        return RelayHTTPResponse(status: .switchingProtocols, headers: headers)
    }

    private static var upgradeRequired: RelayHTTPResponse {
        let body = "DERP requires connection upgrade\n"
        let headers: HTTPHeaders = [
            "Upgrade": "DERP",
            "Connection": "Upgrade",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": String(body.utf8.count),
        ]
        return RelayHTTPResponse(status: .upgradeRequired, headers: headers, body: body)
    }

    // MARK: Measurements

    private static func measurement(_ method: HTTPMethod) -> RelayHTTPResponse {
        guard method == .GET || method == .HEAD else {
            let headers: HTTPHeaders = ["Allow": "GET, HEAD", "Content-Length": "0"]
            return RelayHTTPResponse(status: .methodNotAllowed, headers: headers)
        }
        let headers: HTTPHeaders = ["Access-Control-Allow-Origin": "*", "Content-Length": "0"]
        return RelayHTTPResponse(status: .ok, headers: headers)
    }

    /// Shows a client that nothing between it and the server rewrites plain HTTP, as captive portals do.
    private static func noContent(_ request: HTTPHeaders) -> RelayHTTPResponse {
        var headers: HTTPHeaders = ["Cache-Control": "no-cache, no-store, must-revalidate, no-transform, max-age=0"]
        if let challenge = request.first(name: "X-Tailscale-Challenge"), isChallenge(challenge) {
            headers.add(name: "X-Tailscale-Response", value: "response \(challenge)")
        }
        return RelayHTTPResponse(status: .noContent, headers: headers)
    }

    /// What comes back in a header must not be able to say anything of its own.
    private static func isChallenge(_ text: String) -> Bool {
        (1...challengeLengthMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: ":"):
                    true
                default:
                    false
                }
            }
    }

    // MARK: Targets

    private static func path(of target: String) -> Substring {
        var path = target.prefix { $0 != "?" && $0 != "#" }
        for scheme in ["http://", "https://"] where path.lowercased().hasPrefix(scheme) {
            path = path.dropFirst(scheme.count).drop { $0 != "/" }
        }
        return path
    }
}
