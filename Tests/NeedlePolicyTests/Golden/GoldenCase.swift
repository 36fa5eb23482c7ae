// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import HuJSON
import NeedlePolicy
import NeedleTypes
import Testing

/// One recorded answer of Tailscale's service; see ../shared/golden/README.md beside the repository.
struct GoldenCase: CustomTestStringConvertible {
    let path: String
    let category: String
    let policy: String
    let tailnet: TailnetFacts
    let nodes: [NodeFacts]
    let names: [String]
    let status: Int
    let message: String
    let expected: [String: JSON]

    var testDescription: String { "\(category)/\((path as NSString).lastPathComponent)" }

    /// The recorded cases, in order; empty when they are not there.
    static let paths: [String] = {
        guard let files = FileManager.default.enumerator(atPath: folder) else { return [] }
        return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.sorted()
    }()

    static let folder: String = {
        if let folder = ProcessInfo.processInfo.environment["NEEDLETAIL_GOLDEN"] { return folder }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return root.deletingLastPathComponent().appendingPathComponent("shared/golden/cases").path
    }()

    /// Where the cases have to be there.
    static var isRequired: Bool { ProcessInfo.processInfo.environment["CI"] == "true" }

    init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Self.folder).appendingPathComponent(path))
        let document = try HuJSONDocument(Array(data))
        let json = JSON(document.root)
        let written = document.root.members?.first { $0.name.string == "policy" }?.value
        self.path = path
        category = json["category"].string ?? ""
        policy = written?.string ?? written?.standardJSON ?? ""
        status = Int(json["status"].number ?? 0)
        message = json["error"]["message"].string ?? ""
        expected = json["expect"].object ?? [:]
        let users = Self.users(json["users"])
        tailnet = TailnetFacts(
            domain: users.first?.email?.split(separator: "@").last.map(String.init),
            updatesDevices: json["tailnet"]["settings"]["devices_auto_updates_on"].bool ?? false
        )
        names = (json["nodes"].object ?? [:]).keys.sorted()
        nodes = try names.enumerated().map { index, name in
            try Self.node(json["nodes"][name], index: index, users: users)
        }
    }

    /// Without roles, the first user is the owner and all others are admins.
    private static func users(_ json: JSON) -> [UserFacts] {
        let list = json.array ?? []
        let hasRoles = list.contains { $0["role"].string != nil }
        return list.enumerated().map { index, user in
            UserFacts(
                id: UserID(Int64(user["id"].number ?? Double(index + 1))),
                name: user["name"].string ?? "",
                email: user["email"].string,
                role: hasRoles
                    ? UserRole(rawValue: user["role"].string ?? "") ?? .member : (index == 0 ? .owner : .admin)
            )
        }
    }

    private static func node(_ json: JSON, index: Int, users: [UserFacts]) throws -> NodeFacts {
        func prefixes(_ key: String) -> [IPPrefix] {
            (json[key].array ?? []).compactMap { $0.string }.compactMap { IPPrefix(text: $0) }
        }
        return NodeFacts(
            slot: NodeSlot(index),
            id: NodeID(Int64(index + 1)),
            user: json["user"].string.flatMap { name in users.first { $0.name == name } },
            tags: (json["tags"].array ?? []).compactMap(\.string),
            addresses: [json["ipv4"], json["ipv6"]].compactMap(\.string).compactMap { IPAddress(text: $0) },
            advertisedRoutes: prefixes("routable_ips"),
            approvedRoutes: prefixes("approved_routes"),
            created: json["created"].string.flatMap { Timestamp(rfc3339: $0) }
        )
    }
}
