// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
package import NIOHTTP1
package import NeedleTypes

/// One request to the front door, body included.
package struct FrontDoorRequest: Sendable {
    /// The request line's first word.
    package let method: HTTPMethod
    /// Without the query, percent-encoding kept; never empty.
    package let path: String
    /// What follows the question mark, percent-encoding kept.
    package let query: String?
    /// As received; names compare without case.
    package let headers: HTTPHeaders
    /// The whole body; no longer than the route allows.
    package let body: ByteBuffer
    /// Where the connection comes from; nothing for sockets without an IP address.
    package let remote: IPAddress?
    /// Whether the connection is encrypted.
    package let isSecure: Bool
    /// The loop that the answer is due on.
    package let eventLoop: any EventLoop

    /// A request of these parts.
    package init(
        method: HTTPMethod,
        path: String,
        query: String?,
        headers: HTTPHeaders,
        body: ByteBuffer,
        remote: IPAddress?,
        isSecure: Bool,
        eventLoop: any EventLoop
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remote = remote
        self.isSecure = isSecure
        self.eventLoop = eventLoop
    }

    /// The first value of a query parameter, decoded.
    package func queryValue(_ name: String) -> String? {
        RequestTarget(path: path, query: query).queryValue(name)
    }
}
