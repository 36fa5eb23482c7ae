// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleWire
import Testing

@testable import NeedleServer

@Suite struct DERPMapLayerTests {
    @Test("a file gives every field")
    func everyField() throws {
        let layer = try DERPMapLayer(yaml: DERPMapFixtures.yaml, source: "derp.yaml")
        #expect(layer.source == "derp.yaml")
        let node = DERPNode(
            name: "900a",
            regionID: 900,
            hostName: "derp.example.com",
            certName: "other.example.com",
            ipv4: "198.51.100.1",
            ipv6: "none",
            stunPort: -1,
            derpPort: 8443,
            canPort80: true
        )
        let region = DERPRegion(
            regionID: 900,
            regionCode: "custom",
            regionName: "My region",
            latitude: 52.5,
            longitude: -13,
            noMeasureNoHome: true,
            nodes: [node]
        )
        #expect(layer.entries[900] == .region(region))
    }

    @Test("ids that are left out are filled in")
    func filledIn() throws {
        let layer = try DERPMapLayer(yaml: DERPMapFixtures.yaml, source: "derp.yaml")
        let node = DERPNode(name: "901a", regionID: 901, hostName: "192.0.2.7")
        #expect(layer.entries[901] == .region(DERPRegion(regionID: 901, nodes: [node])))
    }

    @Test("a region that is null is removed")
    func removed() throws {
        #expect(try DERPMapLayer(yaml: "regions: {1: null, 2: ~}", source: "x").entries == [1: .removed, 2: .removed])
    }

    @Test(
        "a file without regions says nothing",
        arguments: ["", "regions:", "regions: {}", "omitdefaultregions: true"]
    )
    func empty(_ yaml: String) throws {
        #expect(try DERPMapLayer(yaml: yaml, source: "x").entries == [:])
    }

    @Test("names are taken in any case, so JSON in a file is too")
    func anyCase() throws {
        let text = String(decoding: DERPMapFixtures.json(7, name: "7a"), as: UTF8.self)
        #expect(
            try DERPMapLayer(yaml: text, source: "x").entries
                == DERPMapLayer(json: DERPMapFixtures.json(7, name: "7a"), source: "x").entries
        )
    }

    @Test(
        "what is wrong is named with file and line",
        arguments: [
            ("[1]", 1, "section"), ("region: {}", 1, "did you mean regions?"), ("regions: [1]", 1, "a list"),
            ("regions:\n  zero: {}", 2, "region id"), ("regions:\n  0: null", 2, "region id"),
            ("regions:\n  -1: null", 2, "region id"), ("regions:\n  4294967296: null", 2, "region id"),
            ("regions:\n  1: {}", 2, "no nodes"), ("regions:\n  1: text", 2, "section"),
            ("regions:\n  1: null\n  01: null", 3, "twice"), ("regions: {}\nRegions: {}", 2, "twice"),
            ("regions:\n  1:\n    regionid: 2\n    nodes: [{name: a, hostname: h}]", 2, "says that it is 2"),
            ("regions:\n  1:\n    regionid: x", 3, "whole number"), ("regions:\n  1:\n    avoid: maybe", 3, "true"),
            ("regions:\n  1:\n    latitude: 200", 3, "degrees"), ("regions:\n  1:\n    longitude: nan", 3, "degrees"),
            ("regions:\n  1:\n    regionnmae: x", 3, "did you mean regionname?"),
            ("regions:\n  1:\n    nodes: {a: b}", 3, "list"), ("regions:\n  1:\n    nodes: [a]", 3, "section"),
            ("regions:\n  1:\n    nodes:\n      - hostname: h", 2, "no name"),
            ("regions:\n  1:\n    nodes:\n      - {name: a}", 2, "host name"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: 'h:443'}", 2, "host name"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, regionid: 3}", 2, "region is 3"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, ipv4: '::1'}", 2, "address"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, ipv6: 1.2.3.4}", 2, "address"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, stunport: -2}", 2, "port"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, derpport: 65536}", 2, "port"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, derpport: 99999999999999999999}", 4, "whole"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, certname: 'a b'}", 2, "certname"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: [h]}", 4, "single value"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, insecurefortests: true}", 4, "tests alone"),
            ("regions:\n  1:\n    nodes:\n      - {name: a, hostname: h, stuntestip: 1.1.1.1}", 4, "tests alone"),
            ("regions: {1: [}", 1, "YAML"),
        ]
    )
    func wrong(_ yaml: String, _ line: Int, _ word: String) {
        let error = #expect(throws: DERPMapError.self) { _ = try DERPMapLayer(yaml: yaml, source: "/etc/derp.yaml") }
        #expect(error?.line == line)
        #expect(
            error.map { "\($0)".hasPrefix("/etc/derp.yaml:\(line): ") && "\($0)".contains(word) } == true,
            "\(error as Any)"
        )
    }

    @Test("too many regions or nodes are refused")
    func tooMany() {
        let regions = (1...1025).map { "  \($0): null\n" }.joined()
        #expect(throws: DERPMapError.self) { _ = try DERPMapLayer(yaml: "regions:\n" + regions, source: "x") }
        let nodes = (1...65).map { "{name: n\($0), hostname: h}" }.joined(separator: ", ")
        #expect(throws: DERPMapError.self) {
            _ = try DERPMapLayer(yaml: "regions: {1: {nodes: [\(nodes)]}}", source: "x")
        }
    }

    @Test("an answer is read, without what is for tests alone")
    func json() throws {
        let text = """
            {"Regions": {"1": {"RegionID": 1, "RegionCode": "nyc", "Nodes": [{"Name": "1f", "RegionID": 1,
            "HostName": "derp1f.example.com", "InsecureForTests": true, "STUNTestIP": "1.1.1.1", "CanPort80": true}]},
            "2": null}, "OmitDefaultRegions": true, "Unknown": [1]}
            """
        let layer = try DERPMapLayer(json: Array(text.utf8), source: "https://example.com/derpmap")
        let node = DERPNode(name: "1f", regionID: 1, hostName: "derp1f.example.com", canPort80: true)
        #expect(layer.entries == [1: .region(DERPRegion(regionID: 1, regionCode: "nyc", nodes: [node]))])
    }

    @Test(
        "an answer that is no DERP map is refused and its URL named",
        arguments: [
            "", "<html>", "[]", "{", #"{"Regions": []}"#, #"{"Regions": {"x": {}}}"#, #"{"Regions": {"0": {}}}"#,
            #"{"Regions": {"1": {"RegionID": 2}}}"#, #"{"Regions": {"1": {"Nodes": [{"Name": "a"}]}}}"#,
            #"{"Regions": {"1": {"Nodes": [{"HostName": "a"}]}}}"#, #"{"Regions": {"-5": {}}}"#,
            #"{"Regions": {"1": {"Nodes": [{"Name": "a", "HostName": "h", "DERPPort": 1e9}]}}}"#,
        ]
    )
    func wrongJSON(_ text: String) {
        let error = #expect(throws: DERPMapError.self) {
            _ = try DERPMapLayer(json: Array(text.utf8), source: "https://e.com/d")
        }
        #expect(error?.source == "https://e.com/d")
    }

    @Test("an answer that is too long is refused before it is read")
    func longJSON() {
        let text = Array("{}".utf8) + Array(repeating: UInt8(ascii: " "), count: DERPMapLimits.fetchedBytesMax)
        let error = #expect(throws: DERPMapError.self) { _ = try DERPMapLayer(json: text, source: "u") }
        #expect(error?.problem.contains("longer") == true)
        let regions = (1...1025).map { #""\#($0)":{"Nodes":[]}"# }.joined(separator: ",")
        #expect(throws: DERPMapError.self) {
            _ = try DERPMapLayer(json: Array("{\"Regions\":{\(regions)}}".utf8), source: "u")
        }
    }

    @Test("random damage never traps", arguments: 0..<8)
    func mutations(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let files = [Array(DERPMapFixtures.yaml.utf8), DERPMapFixtures.json(900, name: "900a")]
        for original in files {
            for _ in 0..<100 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[index] = Array("[]{}:-#&*\"'9 \n\t,x".utf8).randomElement(using: &random) ?? 0
                }
                _ = try? DERPMapLayer(yaml: String(decoding: bytes, as: UTF8.self), source: "x")
                _ = try? DERPMapLayer(json: bytes, source: "x")
            }
        }
    }
}
