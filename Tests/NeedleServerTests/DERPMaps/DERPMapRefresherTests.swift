// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleWire
import Testing

@testable import NeedleServer

@Suite struct DERPMapRefresherTests {
    private static let first = "https://a.example.com/derp"
    private static let second = "https://b.example.com/derp"

    private func refresher(files: [DERPMapLayer] = []) throws -> DERPMapRefresher {
        try DERPMapRefresher(urls: [Self.first, Self.second], files: files, embedded: DERPMapFixtures.embedded)
    }

    private func answer(_ url: String, _ id: Int, name: String) throws -> DERPMapFetch {
        DERPMapFetch(
            url: url,
            outcome: .success(try DERPMapLayer(json: DERPMapFixtures.json(id, name: name), source: url))
        )
    }

    private func failure(_ url: String) -> DERPMapFetch {
        DERPMapFetch(url: url, outcome: .failure(DERPMapError(source: url, problem: "down", advice: "wait")))
    }

    @Test("before URLs were asked, files and the embedded relay are in force")
    func start() throws {
        let refresher = try refresher(files: [try DERPMapFixtures.layer(900, name: "a")])
        #expect(refresher.map.regions.keys.sorted() == [900, 999])
    }

    @Test("answers change the map once")
    func change() throws {
        var refresher = try refresher()
        let answers = [try answer(Self.first, 1, name: "1a"), try answer(Self.second, 2, name: "2a")]
        #expect(refresher.fetched(answers) == .init(changed: true, failures: []))
        #expect(refresher.map.regions.keys.sorted() == [1, 2, 999])
        #expect(refresher.fetched(answers) == .init(changed: false, failures: []))
        #expect(refresher.fetched([try answer(Self.first, 1, name: "1b")]).changed)
        #expect(refresher.map.regions[1]?.nodes.map(\.name) == ["1b"])
    }

    @Test("the last good answer of a URL that fails stays")
    func lastGood() throws {
        var refresher = try refresher()
        _ = refresher.fetched([try answer(Self.first, 1, name: "1a"), try answer(Self.second, 2, name: "2a")])
        let outcome = refresher.fetched([failure(Self.first), try answer(Self.second, 3, name: "3a")])
        #expect(outcome.changed && outcome.failures.map(\.source) == [Self.first])
        #expect(refresher.map.regions.keys.sorted() == [1, 3, 999])
        #expect(refresher.fetched([failure(Self.first), failure(Self.second)]).changed == false)
        #expect(refresher.map.regions.keys.sorted() == [1, 3, 999])
    }

    @Test("an answer that clashes with the rest is left out alone")
    func clash() throws {
        var refresher = try refresher()
        let outcome = refresher.fetched([
            try answer(Self.first, 1, name: "999"), try answer(Self.second, 2, name: "2a"),
        ])
        #expect(outcome.changed && outcome.failures.count == 1)
        #expect(refresher.map.regions.keys.sorted() == [2, 999])
    }

    @Test("URLs count in the order of the configuration, files after them, whoever answered first")
    func order() throws {
        let file = try DERPMapLayer(yaml: "regions: {2: null}", source: "f")
        var refresher = try refresher(files: [file])
        _ = refresher.fetched([try answer(Self.second, 1, name: "second"), try answer(Self.first, 1, name: "first")])
        #expect(refresher.map.regions[1]?.nodes.map(\.name) == ["second"])
        _ = refresher.fetched([try answer(Self.first, 2, name: "x")])
        #expect(refresher.map.regions[2] == nil)
    }

    @Test("an answer of a URL that is not configured is left out")
    func stranger() throws {
        var refresher = try refresher()
        let outcome = refresher.fetched([try answer("https://c.example.com", 1, name: "1a")])
        #expect(outcome == .init(changed: false, failures: []))
    }

    @Test("files that clash are refused at start")
    func clashingFiles() throws {
        let files = [try DERPMapFixtures.layer(1, name: "a"), try DERPMapFixtures.layer(2, name: "a")]
        #expect(throws: DERPMapError.self) { _ = try refresher(files: files) }
    }

    @Test("each URL is asked, and one failure keeps no other from being read", .timeLimit(.minutes(1)))
    func fetchAll() async throws {
        struct Down: Error {}
        let urls = [Self.first, Self.second, "https://c.example.com/", ""]
        let fetches = await DERPMapFetch.all(urls) { url in
            if url.host() == "a.example.com" { throw Down() }
            return url.host() == "b.example.com" ? DERPMapFixtures.json(4, name: "4a") : Array("<html>".utf8)
        }
        #expect(fetches.map(\.url) == urls)
        let layers = fetches.map { try? $0.outcome.get() }
        #expect(layers.map { $0?.entries.keys.sorted() } == [nil, [4], nil, nil])
        for (url, fetch) in zip(urls, fetches) {
            if case .failure(let error) = fetch.outcome { #expect(error.source == url) }
        }
    }
}
