// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Which node has which address, on one server.
///
/// Two servers give the same node different addresses and ids, so what they say is compared in names.
struct NodeNames: Sendable {
    private(set) var nameOfAddress: [IPAddress: String] = [:]
    private(set) var nameOfID: [String: String] = [:]
    /// In order, with where in a range to look.
    private var sorted: [(address: IPAddress, name: String)] = []

    /// The nodes by name.
    init(_ nodes: [(name: String, id: NodeID, addresses: [IPPrefix])]) {
        for node in nodes {
            nameOfID["\(node.id)"] = node.name
            for prefix in node.addresses {
                nameOfAddress[prefix.address] = "\(node.name)/\(prefix.address.family == .v4 ? 4 : 6)"
            }
        }
        sorted = nameOfAddress.map { ($0.key, $0.value) }.sorted { $0.address < $1.address }
    }

    /// The nodes in a range of addresses, as `name/4` or `name/6`.
    func names(in range: ClosedRange<IPAddress>) -> [String] {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].address < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        var names: [String] = []
        while low < sorted.count, sorted[low].address <= range.upperBound {
            names.append(sorted[low].name)
            low += 1
        }
        return names
    }

    /// A prefix of a route, or a node's address by name.
    func text(_ prefix: IPPrefix) -> String {
        guard prefix.isSingle, let name = nameOfAddress[prefix.address] else { return "\(prefix)" }
        return name
    }
}
