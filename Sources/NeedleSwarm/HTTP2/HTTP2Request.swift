// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore

/// A request to make inside a control connection.
package struct HTTP2Request: Sendable {
    /// `POST` for nearly everything.
    package var method: String
    /// With its query.
    package var path: String
    /// What servers must not look at (reference 2.1).
    package var authority: String
    /// Further header fields, names in lower case.
    package var fields: [(name: String, value: String)]
    /// Nothing for a request that ends with its header.
    package var body: ByteBuffer?

    /// A request of these parts.
    package init(
        _ method: String = "POST",
        _ path: String,
        authority: String = "unused",
        fields: [(name: String, value: String)] = [],
        body: ByteBuffer? = nil
    ) {
        self.method = method
        self.path = path
        self.authority = authority
        self.fields = fields
        self.body = body
    }
}
