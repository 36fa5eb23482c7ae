// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleTesting
import NeedleTypes
import Testing

/// The recorded answers of headscale's REST v1; see ../shared/golden/README.md beside the repository.
struct GoldenAPI {
    /// One recorded request and what was answered.
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        /// The seed as JSON text.
        let seed: Data
        let method: String
        let path: String
        let body: Data?
        let status: Int
        /// What was answered, as JSON; nil if only the status counts.
        let answer: Data?

        var testDescription: String { name }
    }

    /// Cases about things that later issues bring.
    static let notYet: [String: String] = [
        "NodeRegister": "web registration",
        "NodeBackfillIPs": "changes of prefixes",
        "NodeDebugCreate": "web registration",
        "NodeSetTags_unauthorized_tag": "without tag owners every tag may be used, and none is written in this case",
        "ApiKey": "API keys",
        "Auth": "web registration",
    ]

    /// Beside the repository, or in the folder that `NEEDLE_SHARED` names.
    static let file: URL = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shared = ProcessInfo.processInfo.environment["NEEDLE_SHARED"].map { URL(filePath: $0) }
        return (shared ?? root.appending(path: "../shared")).appending(path: "golden/api-v1.json").standardized
    }()

    /// Where the recorded answers must be at hand.
    static var isRequired: Bool { ProcessInfo.processInfo.environment["CI"] == "true" }

    /// The whole file; empty if it is missing.
    private static let contents: Data = (try? Data(contentsOf: file)) ?? Data()

    /// The policies that cases name by a word.
    static let policies: (valid: String, invalid: String) = {
        let root = try? JSONSerialization.jsonObject(with: contents) as? [String: Any]
        return (root?["validPolicy"] as? String ?? "", root?["invalidPolicy"] as? String ?? "")
    }()

    /// Every case about what there is so far; empty if the file is missing.
    static let cases: [Case] = {
        guard let root = try? JSONSerialization.jsonObject(with: contents) as? [String: Any],
            let all = root["cases"] as? [[String: Any]]
        else { return [] }
        return all.compactMap(Case.init).filter { item in !notYet.keys.contains { item.name.hasPrefix($0) } }
    }()
}

extension GoldenAPI.Case {
    init?(_ json: [String: Any]) {
        guard let name = json["name"] as? String, let request = json["request"] as? [String: Any],
            let method = request["method"] as? String, let path = request["path"] as? String,
            let status = json["status"] as? Int
        else { return nil }
        func data(_ value: Any?) -> Data? {
            guard let value, !(value is NSNull) else { return nil }
            return try? JSONSerialization.data(withJSONObject: value)
        }
        self.init(
            name: name,
            seed: data(json["seed"]) ?? Data("{}".utf8),
            method: method,
            path: path,
            body: data(Self.withPolicies(request["body"])),
            status: status,
            answer: data(json["body"])
        )
    }

    /// The body with the policies in the places of their names.
    private static func withPolicies(_ body: Any?) -> Any? {
        guard let fields = body as? [String: Any] else { return body }
        let texts = ["{VALID_POLICY}": GoldenAPI.policies.valid, "{INVALID_POLICY}": GoldenAPI.policies.invalid]
        return fields.mapValues { value in (value as? String).flatMap { texts[$0] } ?? value }
    }
}
