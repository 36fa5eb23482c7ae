// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOHTTP1

/// A whole HTTP response, or only its head where one is asked for.
package struct RelayHTTPResponse: Equatable, Sendable {
    /// The status line's number and words.
    package var status: HTTPResponseStatus
    /// All headers, the content's length included where there may be content.
    package var headers: HTTPHeaders
    /// The content; for HEAD to be left out.
    package var body: String

    /// A response of these parts.
    package init(status: HTTPResponseStatus, headers: HTTPHeaders, body: String = "") {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
