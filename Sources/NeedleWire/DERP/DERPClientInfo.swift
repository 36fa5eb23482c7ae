// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// What a client says of itself when it logs in.
///
/// Nothing here is relied upon. Unknown keys, keys in another style (the official Rust client writes snake case) and
/// values of the wrong type are as good as left out; a mesh key is not even read, because there is no mesh.
///
/// - Source: `derp.ClientInfo`.
/// - Shape: `{"version":2,"CanAckPings":true,"IsProber":true}`.
package struct DERPClientInfo: Equatable, Sendable {
    /// The protocol version that the client speaks, if it says so.
    package var version: Int?
    /// Whether the client answers pings.
    package var canAckPings = false
    /// Whether the client only measures.
    package var isProber = false

    /// A client with these properties.
    package init(version: Int? = DERPProtocol.version, canAckPings: Bool = false, isProber: Bool = false) {
        self.version = version
        self.canAckPings = canAckPings
        self.isProber = isProber
    }

    /// Reads the JSON, or nothing if it is no JSON object.
    package init?(json: some Collection<UInt8>) {
        guard let info = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = info
    }

    /// The JSON as the Go client writes it.
    package var json: [UInt8] {
        var text = "{\"version\":\(version ?? 0),\"CanAckPings\":\(canAckPings)"
        if isProber { text += ",\"IsProber\":true" }
        return Array((text + "}").utf8)
    }
}

extension DERPClientInfo: Decodable {
    private enum CodingKeys: String, CodingKey {
        case version
        case canAckPings = "CanAckPings"
        case isProber = "IsProber"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try? container.decode(Int.self, forKey: .version)
        canAckPings = (try? container.decode(Bool.self, forKey: .canAckPings)) ?? false
        isProber = (try? container.decode(Bool.self, forKey: .isProber)) ?? false
    }
}
