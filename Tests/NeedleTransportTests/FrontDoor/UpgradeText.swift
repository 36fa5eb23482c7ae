// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// Upgrade requests as clients write them.
enum UpgradeText {
    /// The Go client's form, or the Rust client's with an absolute target.
    static func noise(initiation: [UInt8], method: String = "POST", target: String = "/ts2021") -> String {
        """
        \(method) \(target) HTTP/1.1\r
        host: control.example\r
        upgrade: tailscale-control-protocol\r
        CONNECTION: Upgrade\r
        x-tailscale-handshake: \(Data(initiation).base64EncodedString())\r
        content-length: 0\r
        \r

        """
    }

    /// A browser's form; the key is the one of RFC 6455, section 1.3.
    static func webSocket(initiation: [UInt8], subprotocol: String = "tailscale-control-protocol") -> String {
        let text = Data(initiation).base64EncodedString()
        let encoded = text.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        return webSocket(target: "/ts2021?X-Tailscale-Handshake=\(encoded)", subprotocol: subprotocol)
    }

    static func webSocket(target: String, subprotocol: String, version: Int = 13) -> String {
        """
        GET \(target) HTTP/1.1\r
        Host: control.example\r
        Origin: https://anywhere.example\r
        Upgrade: websocket\r
        Connection: keep-alive, Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: \(version)\r
        Sec-WebSocket-Extensions: permessage-deflate\r
        Sec-WebSocket-Protocol: \(subprotocol)\r
        \r

        """
    }
}
