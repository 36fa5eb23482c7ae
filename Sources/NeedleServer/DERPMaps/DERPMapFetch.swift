// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import Foundation

/// What asking one URL of `derp.urls` came to.
package struct DERPMapFetch: Sendable {
    /// The URL as configured.
    package let url: String
    /// Its layer, or why there is none.
    package let outcome: Result<DERPMapLayer, DERPMapError>

    /// What asking `url` came to.
    package init(url: String, outcome: Result<DERPMapLayer, DERPMapError>) {
        self.url = url
        self.outcome = outcome
    }

    /// Asks `urls` one after the other; `download` does so, and should stop at ``DERPMapLimits/fetchedBytesMax``.
    ///
    /// A URL that fails does not keep the others from being asked.
    package static func all(
        _ urls: [String],
        download: (URL) async throws -> [UInt8]
    ) async -> [DERPMapFetch] {
        var fetches: [DERPMapFetch] = []
        for url in urls {
            fetches.append(DERPMapFetch(url: url, outcome: await outcome(url, download: download)))
        }
        return fetches
    }

    private static func outcome(
        _ text: String,
        download: (URL) async throws -> [UInt8]
    ) async -> Result<DERPMapLayer, DERPMapError> {
        guard let url = URL(string: text) else {
            return .failure(DERPMapError(source: text, problem: "not a URL", advice: "write one with https://"))
        }
        let bytes: [UInt8]
        do {
            bytes = try await download(url)
        } catch {
            return .failure(DERPMapError(source: text, problem: "not fetched: \(error)", advice: "check the URL"))
        }
        return Result { () throws(DERPMapError) in try DERPMapLayer(json: bytes, source: text) }
    }
}
