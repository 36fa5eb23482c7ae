// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
package import NIOHTTP1

/// One answer of the front door; security headers and lengths are added when it is sent.
package struct FrontDoorResponse: Sendable {
    /// The status line.
    package var status: HTTPResponseStatus
    /// Besides the ones that every answer has.
    package var headers: HTTPHeaders
    /// Left out when the request was HEAD.
    package var body: ByteBuffer

    /// An answer of these parts.
    package init(status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A sentence for people; a line break is added.
    package static func text(_ status: HTTPResponseStatus, _ text: String) -> Self {
        Self(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: ByteBuffer(string: text + "\n")
        )
    }

    /// A JSON document.
    package static func json(_ body: ByteBuffer, status: HTTPResponseStatus = .ok) -> Self {
        Self(status: status, headers: ["Content-Type": "application/json"], body: body)
    }
}
