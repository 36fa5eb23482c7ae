// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// What a relay answers to a log-in.
///
/// The official Rust client gives a region up for good unless the version is 2.
///
/// - Source: `derp.ServerInfo`.
/// - Shape: `{"version":2}`.
package struct DERPServerInfo: Equatable, Sendable {
    /// The protocol version that the server speaks.
    package var version: Int

    /// A server of this version.
    package init(version: Int = DERPProtocol.version) {
        self.version = version
    }

    /// Reads the JSON, or nothing if there is no version in it; for simulated clients.
    package init?(json: some Collection<UInt8>) {
        guard let info = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = info
    }

    /// The JSON.
    package var json: [UInt8] { Array("{\"version\":\(version)}".utf8) }
}

extension DERPServerInfo: Decodable {}
