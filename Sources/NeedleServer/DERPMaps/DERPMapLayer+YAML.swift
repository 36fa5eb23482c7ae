// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

extension DERPMapLayer {
    /// Reads a file of `derp.paths`.
    ///
    /// Names are those of the JSON in lower case, which is how headscale's files write them; any case is taken. A region
    /// that is null is removed from the files and URLs before.
    ///
    /// - Source: headscale, derp-example.yaml; tailcfg.DERPMap for the names.
    /// - Shape: `regions: {900: {regionid: 900, nodes: [{name: 900a, hostname: derp.example.com}]}, 1: null}`.
    /// - Throws: ``DERPMapError`` with the line.
    package init(yaml: String, source: String) throws(DERPMapError) {
        let reader = DERPMapYAML(source: source)
        let document: YAMLNode
        do throws(YAMLReadingError) {
            document = try YAMLReader.read(yaml)
        } catch {
            throw DERPMapError(source: source, line: error.line, problem: error.problem, advice: error.advice)
        }
        self.init(source: source, entries: try reader.entries(document))
    }
}

/// Walks the tree of one file.
private struct DERPMapYAML {
    let source: String

    func entries(_ document: YAMLNode) throws(DERPMapError) -> [Int: DERPMapLayer.Entry] {
        var entries: [Int: DERPMapLayer.Entry] = [:]
        for field in try fields(document, ["regions", "homeparams", "omitdefaultregions"]) {
            guard field.name == "regions", field.value.content != .null else { continue }
            guard case .mapping(let regions) = field.value.content, regions.count <= DERPMapLimits.regionsMax else {
                throw wrong(
                    field.line,
                    "\(field.value.kindName) where up to \(DERPMapLimits.regionsMax) regions belong",
                    "write region ids and regions"
                )
            }
            for region in regions {
                guard let id = Int(region.key), DERPMapLimits.regionIDs.contains(id) else {
                    throw wrong(
                        region.line,
                        "\(KeyProblem.quote(region.key)) is no region id",
                        "use a number above 0, such as 900 to 999"
                    )
                }
                guard entries[id] == nil else { throw wrong(region.line, "region \(id) twice", "keep one of them") }
                entries[id] = try entry(region.value, id: id, line: region.line)
            }
        }
        return entries
    }

    private func entry(_ node: YAMLNode, id: Int, line: Int?) throws(DERPMapError) -> DERPMapLayer.Entry {
        if node.content == .null { return .removed }
        var region = DERPRegion()
        for field in try fields(node, Self.regionNames) {
            switch field.name {
            case "regionid": region.regionID = try number(field)
            case "regioncode": region.regionCode = try text(field)
            case "regionname": region.regionName = try text(field)
            case "latitude": region.latitude = try fraction(field)
            case "longitude": region.longitude = try fraction(field)
            case "avoid": region.avoid = try flag(field)
            case "nomeasurenohome": region.noMeasureNoHome = try flag(field)
            default: region.nodes = try nodes(field)
            }
        }
        guard !region.nodes.isEmpty else {
            throw wrong(line, "region \(id) has no nodes", "add one, or write null to remove the region")
        }
        do throws(DERPRegionProblem) {
            return .region(try region.checked(under: id))
        } catch {
            throw wrong(line, error.problem, error.advice)
        }
    }

    private static let regionNames = [
        "regionid", "regioncode", "regionname", "latitude", "longitude", "avoid", "nomeasurenohome", "nodes",
    ]

    private func nodes(_ field: Field) throws(DERPMapError) -> [DERPNode] {
        if field.value.content == .null { return [] }
        guard case .list(let elements) = field.value.content, elements.count <= DERPMapLimits.nodesMax else {
            throw wrong(
                field.line,
                "\(field.value.kindName) where up to \(DERPMapLimits.nodesMax) nodes belong",
                "write a list"
            )
        }
        var nodes: [DERPNode] = []
        for element in elements { nodes.append(try node(element)) }
        return nodes
    }

    private static let nodeNames = [
        "name", "regionid", "hostname", "certname", "ipv4", "ipv6", "stunport", "stunonly", "derpport", "canport80",
        "insecurefortests", "stuntestip",
    ]

    private func node(_ element: YAMLNode) throws(DERPMapError) -> DERPNode {
        var node = DERPNode()
        for field in try fields(element, Self.nodeNames) {
            switch field.name {
            case "name": node.name = try text(field)
            case "regionid": node.regionID = try number(field)
            case "hostname": node.hostName = try text(field)
            case "certname": node.certName = try text(field)
            case "ipv4": node.ipv4 = try text(field)
            case "ipv6": node.ipv6 = try text(field)
            case "stunport": node.stunPort = try number(field)
            case "stunonly": node.stunOnly = try flag(field)
            case "derpport": node.derpPort = try number(field)
            case "canport80": node.canPort80 = try flag(field)
            default: try refuseForTests(field)
            }
        }
        return node
    }

    /// What switches off the checking of certificates is never passed on.
    private func refuseForTests(_ field: Field) throws(DERPMapError) {
        let value = try text(field)
        guard ["", "false"].contains(value.lowercased()) else {
            throw wrong(field.line, "\(field.name) is for tests alone", "delete it; certname can name a certificate")
        }
    }
}

// MARK: - Values

extension DERPMapYAML {
    /// A name in lower case and its value.
    struct Field {
        let name: String
        let line: Int?
        let value: YAMLNode
    }

    private func fields(_ node: YAMLNode, _ names: [String]) throws(DERPMapError) -> [Field] {
        switch node.content {
        case .null: return []
        case .text, .list:
            throw wrong(node.line, "\(node.kindName) where a section belongs", "write names and values")
        case .mapping(let entries):
            var fields: [Field] = []
            for entry in entries {
                let name = entry.key.lowercased()
                guard names.contains(name) else {
                    let advice = NearestName.nearest(to: name, among: names).map { "did you mean \($0)?" }
                    throw wrong(
                        entry.line,
                        "there is no \(KeyProblem.quote(entry.key)) here",
                        advice ?? "use \(names.joined(separator: ", "))"
                    )
                }
                guard !fields.contains(where: { $0.name == name }) else {
                    throw wrong(entry.line, "\(name) twice", "keep one of them")
                }
                fields.append(Field(name: name, line: entry.line, value: entry.value))
            }
            return fields
        }
    }

    private func text(_ field: Field) throws(DERPMapError) -> String {
        switch field.value.content {
        case .null: return ""
        case .text(let text): return text
        case .list, .mapping:
            throw wrong(field.line, "\(field.name) is \(field.value.kindName)", "write a single value")
        }
    }

    private func number(_ field: Field) throws(DERPMapError) -> Int {
        let text = try text(field)
        guard let number = text.isEmpty ? 0 : Int(text) else {
            throw wrong(field.line, "\(field.name) is \(KeyProblem.quote(text))", "write a whole number")
        }
        return number
    }

    private func fraction(_ field: Field) throws(DERPMapError) -> Double {
        let text = try text(field)
        guard let number = text.isEmpty ? 0 : Double(text), (-180...180).contains(number) else {
            throw wrong(field.line, "\(field.name) is \(KeyProblem.quote(text))", "write degrees from -180 to 180")
        }
        return number
    }

    private func flag(_ field: Field) throws(DERPMapError) -> Bool {
        switch try text(field).lowercased() {
        case "true": return true
        case "false", "": return false
        default: throw wrong(field.line, "\(field.name) is neither true nor false", "write true or false")
        }
    }

    private func wrong(_ line: Int?, _ problem: String, _ advice: String) -> DERPMapError {
        DERPMapError(source: source, line: line, problem: problem, advice: advice)
    }
}
