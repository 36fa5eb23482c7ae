// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// What is wrong with a region, before it is known where it comes from.
struct DERPRegionProblem: Error, Equatable {
    let problem: String
    let advice: String

    init(_ problem: String, _ advice: String) {
        self.problem = problem
        self.advice = advice
    }
}

extension DERPRegion {
    /// This region under `id`, with ids filled in where they were left out.
    ///
    /// - Throws: ``DERPRegionProblem`` if a client could not use it.
    func checked(under id: Int) throws(DERPRegionProblem) -> DERPRegion {
        guard DERPMapLimits.regionIDs.contains(id) else {
            throw DERPRegionProblem("region \(id) is no region id", "use a number above 0, such as 900 to 999")
        }
        guard regionID == 0 || regionID == id else {
            throw DERPRegionProblem("region \(id) says that it is \(regionID)", "use the same number in both places")
        }
        guard regionCode.utf8.count <= DERPMapLimits.nameBytesMax, regionName.utf8.count <= DERPMapLimits.nameBytesMax
        else { throw DERPRegionProblem("region \(id) has a very long name", "shorten it") }
        guard nodes.count <= DERPMapLimits.nodesMax else {
            throw DERPRegionProblem("region \(id) has over \(DERPMapLimits.nodesMax) nodes", "leave some out")
        }
        var region = self
        region.regionID = id
        region.nodes = []
        for node in nodes { region.nodes.append(try node.checked(in: id)) }
        return region
    }
}

extension DERPNode {
    /// This relay as one of region `id`; what is for tests alone is taken out, whoever asks for it.
    fileprivate func checked(in id: Int) throws(DERPRegionProblem) -> DERPNode {
        guard (1...DERPMapLimits.nameBytesMax).contains(name.utf8.count) else {
            throw DERPRegionProblem("a node of region \(id) has no name, or a very long one", "name it, such as \(id)a")
        }
        let place = "node \(KeyProblem.quote(name)) of region \(id)"
        guard regionID == 0 || regionID == id else {
            throw DERPRegionProblem("\(place) says that its region is \(regionID)", "write \(id)")
        }
        guard NetworkHost.isValid(hostName) else {
            throw DERPRegionProblem(
                "\(place) has the host name \(KeyProblem.quote(hostName))",
                "write a name or an address, without a port"
            )
        }
        guard Self.isAddress(ipv4, .v4), Self.isAddress(ipv6, .v6) else {
            throw DERPRegionProblem("\(place) has an address of another kind", "write an address, none, or nothing")
        }
        guard (-1...65535).contains(stunPort), (0...65535).contains(derpPort) else {
            throw DERPRegionProblem("\(place) has an impossible port", "write 1 to 65535, or 0 for the usual one")
        }
        guard certName.utf8.count <= DERPMapLimits.nameBytesMax,
            certName.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw DERPRegionProblem("\(place) has an impossible certname", "write a host name or sha256-raw:…") }
        var node = self
        node.regionID = id
        node.insecureForTests = false
        node.stunTestIP = ""
        return node
    }

    private static func isAddress(_ text: String, _ family: IPAddress.Family) -> Bool {
        text.isEmpty || text == "none" || IPAddress(text: text)?.family == family
    }
}
