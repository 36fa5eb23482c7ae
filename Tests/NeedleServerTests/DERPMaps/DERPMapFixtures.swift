// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

@testable import NeedleServer

/// Small DERP maps.
enum DERPMapFixtures {
    /// Two regions as a YAML file has them.
    static let yaml = """
        regions:
          900:
            regionid: 900
            regioncode: custom
            regionname: My region
            latitude: 52.5
            longitude: -13
            avoid: false
            nomeasurenohome: true
            nodes:
              - name: 900a
                regionid: 900
                hostname: derp.example.com
                certname: other.example.com
                ipv4: 198.51.100.1
                ipv6: none
                stunport: -1
                stunonly: false
                derpport: 8443
                canport80: true
          901:
            nodes: [{name: 901a, hostname: 192.0.2.7, stunport: 0}]
        """

    /// One region with one node, as a URL answers.
    static func json(_ id: Int, name: String, host: String = "derp.example.net") -> [UInt8] {
        let region = DERPRegion(regionID: id, nodes: [DERPNode(name: name, regionID: id, hostName: host)])
        return DERPMap(regions: [id: region]).json
    }

    /// One region with one node, as a file.
    static func layer(_ id: Int, name: String, source: String = "a.yaml") throws -> DERPMapLayer {
        try DERPMapLayer(yaml: "regions: {\(id): {nodes: [{name: \(name), hostname: h}]}}", source: source)
    }

    /// A region of the kind that the server describes itself with.
    static let embedded = DERPRegion(regionID: 999, nodes: [DERPNode(name: "999", regionID: 999, hostName: "me")])
}
