// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import AsyncHTTPClient
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NeedleModel
internal import ServiceLifecycle

/// Fetches the relay maps of `derp.urls` again and again, and puts what changed in force.
struct DERPMapRefreshService: Service {
    let refresher: DERPMapRefresher
    let urls: [String]
    let interval: Duration?
    let gate: any TailnetGate
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var refresher = self.refresher
            repeat {
                let fetches = await DERPMapFetch.all(urls) { url in try await Self.fetch(url) }
                let outcome = refresher.fetched(fetches)
                for failure in outcome.failures {
                    logger.warning("a relay map is not used", metadata: ["error": "\(failure)"])
                }
                if outcome.changed {
                    gate.submit(ReplaceDERPMap(derpMap: refresher.map)) { _ in }
                }
                guard let interval else { break }
                try await Task.sleep(for: interval)
            } while true
            // Fetched once and not again: the service lives on until the server stops.
            try await Task.sleep(for: .seconds(100 * 365 * 86400))
        }
    }

    private static func fetch(_ url: URL) async throws -> [UInt8] {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url.absoluteString),
            timeout: .seconds(30)
        )
        guard response.status == .ok else { throw ServerError("\(url) answered \(response.status.code)") }
        let body = try await response.body.collect(upTo: DERPMapLimits.fetchedBytesMax)
        return Array(buffer: body)
    }
}
