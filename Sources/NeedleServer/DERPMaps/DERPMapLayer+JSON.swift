// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

extension DERPMapLayer {
    /// Reads what a URL answered.
    ///
    /// Regions that are null say nothing here, as for clients.
    ///
    /// - Source: tailcfg.DERPMap as JSON.
    /// - Throws: ``DERPMapError`` if it is too long, no DERP map, or holds a region that clients could not use.
    package init(json: [UInt8], source: String) throws(DERPMapError) {
        guard json.count <= DERPMapLimits.fetchedBytesMax else {
            throw DERPMapError(
                source: source,
                problem: "longer than \(DERPMapLimits.fetchedBytesMax) bytes",
                advice: "check that the URL answers with a DERP map"
            )
        }
        let map: DERPMap
        do throws(WireError) {
            map = try DERPMap.decode(json)
        } catch {
            throw DERPMapError(
                source: source,
                problem: "not a DERP map: \(error)",
                advice: "check that the URL answers with a DERP map as JSON"
            )
        }
        guard map.regions.count <= DERPMapLimits.regionsMax else {
            throw DERPMapError(
                source: source,
                problem: "over \(DERPMapLimits.regionsMax) regions",
                advice: "leave some out"
            )
        }
        var entries: [Int: Entry] = [:]
        for (id, region) in map.regions.sorted(by: { $0.key < $1.key }) {
            do throws(DERPRegionProblem) {
                entries[id] = .region(try region.checked(under: id))
            } catch {
                throw DERPMapError(source: source, problem: error.problem, advice: error.advice)
            }
        }
        self.init(source: source, entries: entries)
    }
}
