// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleWire

extension DERPMap {
    /// The map that `layers`, laid over each other in this order, and the embedded region make.
    ///
    /// A later layer replaces a region as a whole. The embedded region comes last, so that no file takes it away.
    ///
    /// - Throws: ``DERPMapError`` if two relays have one name; clients could not tell them apart.
    package static func merging(
        _ layers: [DERPMapLayer],
        embedded: DERPRegion?
    ) throws(DERPMapError) -> DERPMap {
        var regions: [Int: (source: String, region: DERPRegion)] = [:]
        for layer in layers {
            for (id, entry) in layer.entries {
                switch entry {
                case .region(let region): regions[id] = (layer.source, region)
                case .removed: regions[id] = nil
                }
            }
        }
        if let embedded { regions[embedded.regionID] = ("derp.server", embedded) }
        var owners: [String: Int] = [:]
        for (id, (source, region)) in regions.sorted(by: { $0.key < $1.key }) {
            for node in region.nodes {
                guard let other = owners.updateValue(id, forKey: node.name) else { continue }
                throw DERPMapError(
                    source: source,
                    problem: "the node name \(KeyProblem.quote(node.name)) is in region \(id) and in region \(other)",
                    advice: "rename one of the nodes"
                )
            }
        }
        return DERPMap(regions: regions.mapValues(\.region))
    }
}
