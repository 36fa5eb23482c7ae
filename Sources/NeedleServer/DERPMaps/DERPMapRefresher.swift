// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleWire

/// Knows the DERP map in force, and what becomes of it when URLs have been asked again.
///
/// It does nothing by itself: whoever runs it decides when to ask, with ``DERPMapFetch/all(_:download:)``, and tells
/// clients when the map has changed.
package struct DERPMapRefresher: Sendable {
    /// What became of the map.
    package struct Outcome: Equatable, Sendable {
        /// Whether clients must be told.
        package let changed: Bool
        /// What went wrong; the last good answer of each such URL stays in force.
        package let failures: [DERPMapError]
    }

    /// The map in force.
    package private(set) var map: DERPMap
    private let urls: [String]
    private let files: [DERPMapLayer]
    private let embedded: DERPRegion?
    private var fetched: [String: DERPMapLayer] = [:]

    /// A map of files and the embedded region alone, until URLs have been asked.
    ///
    /// - Parameters:
    ///   - urls: those of `derp.urls`, in order.
    ///   - files: those of `derp.paths`, in order.
    ///   - embedded: the relay inside this server.
    /// - Throws: ``DERPMapError`` if two relays have one name.
    package init(urls: [String], files: [DERPMapLayer], embedded: DERPRegion?) throws(DERPMapError) {
        self.urls = urls
        self.files = files
        self.embedded = embedded
        map = try DERPMap.merging(files, embedded: embedded)
    }

    /// Takes in what asking the URLs came to.
    ///
    /// Answers that do not go together with the rest are left out, so one bad list cannot take the others' relays away.
    package mutating func fetched(_ fetches: [DERPMapFetch]) -> Outcome {
        var failures: [DERPMapError] = []
        let before = map
        for fetch in fetches where urls.contains(fetch.url) {
            do throws(DERPMapError) {
                let layer = try fetch.outcome.get()
                var next = fetched
                next[fetch.url] = layer
                map = try DERPMap.merging(urls.compactMap { next[$0] } + files, embedded: embedded)
                fetched = next
            } catch {
                failures.append(error)
            }
        }
        return Outcome(changed: map != before, failures: failures)
    }
}
