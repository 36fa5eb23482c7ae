// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import FoundationEssentials
internal import NeedleTypes

/// The two HTTP/1.1 requests that come before Noise.
///
/// - Source: reference 1.1 and 1.2.
enum OpeningRequests {
    static let protocolName = "tailscale-control-protocol"

    static func key(of target: ControlTarget, version: CapabilityVersion) -> String {
        "GET /key?v=\(version.value) HTTP/1.1\r\nHost: \(target.authority)\r\n\r\n"
    }

    static func upgrade(of target: ControlTarget, initiation: [UInt8]) -> String {
        """
        POST /ts2021 HTTP/1.1\r
        Host: \(target.authority)\r
        Upgrade: \(protocolName)\r
        Connection: upgrade\r
        X-Tailscale-Handshake: \(Data(initiation).base64EncodedString())\r
        Content-Length: 0\r
        \r

        """
    }
}
