// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire
import Testing

@testable import NeedleServer

@Suite struct DERPMapMergingTests {
    @Test("a later layer replaces a region as a whole, or removes it")
    func order() throws {
        let first = try DERPMapLayer(yaml: DERPMapFixtures.yaml, source: "a")
        let second = try DERPMapLayer(
            yaml: "regions: {900: {nodes: [{name: new, hostname: h}]}, 901: null, 5: null}",
            source: "b"
        )
        let map = try DERPMap.merging([first, second], embedded: nil)
        #expect(map.regions.keys.sorted() == [900])
        #expect(map.regions[900]?.regionCode == "")
        #expect(map.regions[900]?.nodes.map(\.name) == ["new"])
        #expect(try DERPMap.merging([second, first], embedded: nil).regions.keys.sorted() == [900, 901])
    }

    @Test("the embedded region comes last, and no file removes it")
    func embeddedStays() throws {
        let layer = try DERPMapLayer(yaml: "regions: {999: null}", source: "a")
        #expect(try DERPMap.merging([layer], embedded: DERPMapFixtures.embedded).regions.keys.sorted() == [999])
        let other = try DERPMapFixtures.layer(999, name: "x")
        #expect(
            try DERPMap.merging([other], embedded: DERPMapFixtures.embedded).regions[999] == DERPMapFixtures.embedded
        )
    }

    @Test("two nodes of one name are refused, within a region and across")
    func uniqueNames() throws {
        let error = #expect(throws: DERPMapError.self) {
            _ = try DERPMap.merging(
                [
                    try DERPMapFixtures.layer(1, name: "a", source: "a"),
                    try DERPMapFixtures.layer(2, name: "a", source: "b"),
                ],
                embedded: nil
            )
        }
        #expect(error?.source == "b" && error?.problem.contains("region 1") == true)
        let twice = try DERPMapLayer(
            yaml: "regions: {1: {nodes: [{name: a, hostname: h}, {name: a, hostname: i}]}}",
            source: "c"
        )
        #expect(throws: DERPMapError.self) { _ = try DERPMap.merging([twice], embedded: nil) }
        let clash = try DERPMapFixtures.layer(1, name: "999")
        #expect(throws: DERPMapError.self) { _ = try DERPMap.merging([clash], embedded: DERPMapFixtures.embedded) }
    }

    @Test("a name that a replaced region had is free")
    func replacedName() throws {
        let layers = [
            try DERPMapFixtures.layer(1, name: "a"), try DERPMapFixtures.layer(1, name: "b"),
            try DERPMapFixtures.layer(2, name: "a"),
        ]
        #expect(try DERPMap.merging(layers, embedded: nil).regions.count == 2)
    }

    @Test("nothing makes an empty map")
    func nothing() throws {
        #expect(try DERPMap.merging([], embedded: nil) == DERPMap())
    }
}
