// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of `GET /version`, and what `needletail version` shows.
package struct VersionObject: Codable, Hashable, Sendable {
    /// The release, such as `0.1.0`.
    package let version: String
    /// The commit that it was built from; empty when unknown.
    package let commit: String
    /// The URL that clients use, so that the command line can print lines ready for use; empty outside a server.
    package let serverURL: String

    private enum CodingKeys: String, CodingKey {
        case version
        case commit
        case serverURL = "serverUrl"
    }

    package init(version: String, commit: String = "", serverURL: String = "") {
        self.version = version
        self.commit = commit
        self.serverURL = serverURL
    }
}
