// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedlePolicy
import NeedleTypes

extension ParserUnderTest {
    /// What administrators write: policies, and descriptions of tailnets to try them with.
    static let policy: [Self] = [huJSON, policyText, tailnetFile]

    /// Written as plain JSON, a text must be read to the same again.
    private static let huJSON = Self("hujson") { (input) throws(ParserFault) in
        guard let document = try? HuJSONDocument(input, limits: HuJSONLimits(depthMax: 64)) else { return }
        let standard = document.root.standardJSON
        guard let again = try? HuJSONDocument(Array(standard.utf8)) else {
            throw ParserFault("what was written cannot be read: \(standard)")
        }
        try ParserFault.unlessEqual(again.root.standardJSON, standard, "read back")
    }

    /// A policy is read, compiled, and asked everything about a small tailnet.
    private static let policyText = Self("policy") { (input) throws(ParserFault) in
        guard let policy = try? Policy(text: input, domain: "example.com") else { return }
        try PolicyFixture.check(policy)
    }

    /// A tailnet is read, and a policy that uses all of the language evaluated for it; the answer is JSON.
    private static let tailnetFile = Self("tailnet-file") { (input) throws(ParserFault) in
        guard let file = try? TailnetFile(text: input), file.nodes.count <= PolicyFixture.nodesMax else { return }
        guard let evaluation = try? PolicyEvaluation(policy: PolicyFixture.text, tailnet: file) else { return }
        let json = evaluation.json(names: file.names)
        guard (try? HuJSONDocument(json)) != nil else {
            throw ParserFault("the answer is no JSON: \(String(decoding: json, as: UTF8.self))")
        }
        try PolicyFixture.check(evaluation.graph, file.nodes)
    }
}
