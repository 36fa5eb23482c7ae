// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import HuJSON
import NeedleTypes

/// A description of a tailnet in a file, for evaluating policies without a server.
///
/// - Shape: `{"users": [{"id", "name", "email", "role"}], "nodes": {NAME: {"user", "tags", "ipv4", "ipv6",
///   "routable_ips", "approved_routes", "created", "attributes"}}, "tailnet": {"settings":
///   {"devices_auto_updates_on"}}}`; other keys do not count. Without any role the first user is the owner and all
///   others are admins.
package struct TailnetFile: Sendable {
    package private(set) var tailnet = TailnetFacts()
    /// By slot.
    package private(set) var nodes: [NodeFacts] = []
    /// By slot.
    package private(set) var names: [String] = []
    private var users: [UserFacts] = []

    /// Reads `text`.
    ///
    /// - Throws: ``PolicyError`` if it is not HuJSON, or if a node names a user that does not exist.
    package init(text: [UInt8], limits: HuJSONLimits = HuJSONLimits()) throws(PolicyError) {
        let document: HuJSONDocument
        do throws(HuJSONError) {
            document = try HuJSONDocument(text, limits: limits)
        } catch {
            throw PolicyError(findings: [PolicyFinding(error.message, position: error.position)])
        }
        var collector = FindingCollector()
        let root = document.root
        readUsers(root["users"])
        tailnet.domain = users.first?.emailParts?.domain
        tailnet.updatesDevices = root["tailnet"]?["settings"]?["devices_auto_updates_on"]?.bool ?? false
        for (name, value) in root["nodes"]?.memberList ?? [] {
            readNode(name.string ?? "", value, &collector)
        }
        guard collector.isEmpty else { throw PolicyError(findings: collector.findings(in: text)) }
    }

    private mutating func readUsers(_ value: HuJSONValue?) {
        let list = value?.elementList ?? []
        let hasRoles = list.contains { $0["role"]?.string != nil }
        for (index, user) in list.enumerated() {
            let role = user["role"]?.string.flatMap(UserRole.init) ?? .member
            users.append(
                UserFacts(
                    id: UserID(user["id"]?.number.flatMap { Int64($0) } ?? Int64(index + 1)),
                    name: user["name"]?.string ?? "",
                    email: user["email"]?.string,
                    role: hasRoles ? role : (index == 0 ? .owner : .admin)
                )
            )
        }
    }

    private mutating func readNode(_ name: String, _ value: HuJSONValue, _ collector: inout FindingCollector) {
        var owner: UserFacts?
        if let text = value["user"]?.string, !text.isEmpty {
            owner = users.first { $0.name == text } ?? users.first { $0.email == text }
            if owner == nil {
                collector.add("node \"\(name)\": there is no user \"\(text)\"", at: value.range.lowerBound)
            }
        }
        nodes.append(
            NodeFacts(
                slot: NodeSlot(nodes.count),
                id: NodeID(Int64(nodes.count + 1)),
                user: owner,
                tags: value.strings("tags"),
                addresses: ["ipv4", "ipv6"].compactMap { value[$0]?.string }.compactMap { IPAddress(text: $0) },
                advertisedRoutes: value.strings("routable_ips").compactMap { IPPrefix(text: $0) },
                approvedRoutes: value.strings("approved_routes").compactMap { IPPrefix(text: $0) },
                created: value["created"]?.string.flatMap { Timestamp(rfc3339: $0) },
                attributes: Self.attributes(value["attributes"])
            )
        )
        names.append(name)
    }

    private static func attributes(_ value: HuJSONValue?) -> [String: AttributeValue] {
        var result: [String: AttributeValue] = [:]
        for (name, value) in value?.memberList ?? [] {
            result[name.string ?? ""] = AttributeValue(value)
        }
        return result
    }
}

extension HuJSONValue {
    /// The last member with this name.
    fileprivate subscript(name: String) -> HuJSONValue? {
        var result: HuJSONValue?
        for member in memberList where member.name.string == name { result = member.value }
        return result
    }

    /// The strings in the list under `name`.
    fileprivate func strings(_ name: String) -> [String] { (self[name]?.elementList ?? []).compactMap(\.string) }

    fileprivate var memberList: [(name: HuJSONValue, value: HuJSONValue)] {
        guard let members else { return [] }
        return Array(members)
    }

    fileprivate var elementList: [HuJSONValue] {
        guard let elements else { return [] }
        return Array(elements)
    }
}
