// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@testable import NeedleServer

@Suite struct DocumentationTests {
    private static let start = "<!-- The table of keys is checked by a test: see the end of this page. -->\n"
    private static let end = "<!-- End of the table of keys. -->\n"

    /// With `NEEDLETAIL_DEBUG_WRITE_DOCUMENTATION=1` the table is written, and else compared.
    @Test("the documentation holds the table of keys that the code has")
    func tableIsCurrent() throws {
        let page = try String(contentsOf: ConfigurationFixtures.documentation, encoding: .utf8)
        let start = try #require(page.firstRange(of: Self.start))
        let end = try #require(page.firstRange(of: Self.end))
        let table = page[start.upperBound..<end.lowerBound]
        let expected = ConfigurationReference.markdown()
        if ProcessInfo.processInfo.environment["NEEDLETAIL_DEBUG_WRITE_DOCUMENTATION"] == "1" {
            let written = page[..<start.upperBound] + expected + page[end.lowerBound...]
            try String(written).write(to: ConfigurationFixtures.documentation, atomically: true, encoding: .utf8)
            return
        }
        #expect(table == expected, "run the test once with NEEDLETAIL_DEBUG_WRITE_DOCUMENTATION=1")
    }

    @Test("every row has five cells and ends where it should")
    func rows() {
        let lines = ConfigurationReference.markdown().split(separator: "\n")
        #expect(lines.count == ConfigurationKey.all.count + 2)
        #expect(lines.allSatisfy { $0.split(separator: " | ", omittingEmptySubsequences: false).count >= 5 })
    }

    @Test("the examples on the page are accepted")
    func examples() throws {
        let page = try String(contentsOf: ConfigurationFixtures.documentation, encoding: .utf8)
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst().map { block in
            block.components(separatedBy: "```").first ?? ""
        }
        let configurations = blocks.filter { !$0.hasPrefix("regions:") }
        #expect(!configurations.isEmpty && configurations.count < blocks.count)
        for text in configurations { #expect(findings(text) == [], "\(text)") }
        for text in blocks where text.hasPrefix("regions:") {
            _ = try DERPMapLayer(yaml: text, source: "docs/configuration.md")
        }
    }
}
