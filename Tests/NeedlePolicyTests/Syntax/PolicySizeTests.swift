// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedlePolicy

/// Policies of a size that nobody needs: taken if they can be, else refused with what to do instead.
@Suite struct PolicySizeTests {
    private func read(_ text: String) throws(PolicyError) -> Policy { try Policy(text: Array(text.utf8)) }

    /// Expects a refusal that begins like this and says what to do.
    private func expectRefusal(_ text: String, _ message: String) {
        let error = #expect(throws: PolicyError.self) { try read(text) }
        let finding = error?.findings.first { $0.message.hasPrefix(message) }
        #expect(finding?.hint != nil && finding?.position != nil, "\(error?.description.prefix(300) ?? "")")
    }

    private static func list(_ count: Int, _ item: (Int) -> String) -> String {
        "[" + (0..<count).map { "\"\(item($0))\"" }.joined(separator: ",") + "]"
    }

    private static func object(_ count: Int, _ member: (Int) -> String) -> String {
        "{" + (0..<count).map(member).joined(separator: ",") + "}"
    }

    private static func rule(_ sources: String, _ destinations: String) -> String {
        "{\"action\": \"accept\", \"src\": \(sources), \"dst\": \(destinations)}"
    }

    @Test("50 MB, most of it remarks", .timeLimit(.minutes(5)))
    func largeText() throws {
        let remarks = String(repeating: "// nothing to see here, and more of it than anybody reads\n", count: 900_000)
        #expect(remarks.utf8.count > 50_000_000)
        #expect(throws: Never.self) { try read("{\n\(remarks)\"acls\": []}") }
    }

    @Test("more than is read at all")
    func tooLargeText() {
        let error = #expect(throws: PolicyError.self) { try Policy(text: Array(repeating: 0x20, count: 65 << 20)) }
        #expect(error?.findings.count == 1)
    }

    @Test("100,000 groups", .timeLimit(.minutes(5)))
    func manyGroups() throws {
        let groups = Self.object(100_000) { "\"group:g\($0)\": [\"u\($0)@\"]" }
        let policy = try read("{\"groups\": \(groups), \"acls\": [\(Self.rule("[\"group:g7\"]", "[\"*:1\"]"))]}")
        #expect(policy.compiled.table.count == 2, "only groups that rules name cost anything later")
    }

    @Test("tags that own one another, 5,000 deep and in a circle")
    func tagChains() throws {
        let chain = Self.object(5_000) { "\"tag:t\($0)\": [\"tag:t\(($0 + 1) % 5_000)\"]" }
        #expect(throws: Never.self) { try read("{\"tagOwners\": \(chain)}") }
    }

    @Test("IP sets that name one another, 1,000 deep, whatever their order")
    func addressSetChain() throws {
        let sets = Self.object(1_000) {
            $0 == 999 ? "\"ipset:s999\": [\"192.0.2.7\"]" : "\"ipset:s\($0)\": [\"ipset:s\($0 + 1)\"]"
        }
        let policy = try read("{\"ipsets\": \(sets)}")
        let resolved = AddressSetResolver(policy.syntax).resolve()
        #expect(resolved["ipset:s0"]?.addresses.ranges.map(\.description) == ["192.0.2.7"])
    }

    @Test("IP sets in a circle of 1,000")
    func addressSetCircle() {
        let sets = Self.object(1_000) { "\"ipset:s\($0)\": [\"ipset:s\(($0 + 1) % 1_000)\"]" }
        expectRefusal("{\"ipsets\": \(sets)}", "circular reference detected")
    }

    @Test("IP sets that double with each step")
    func addressSetDoubling() {
        let sets = Self.object(40) {
            $0 == 0
                ? "\"ipset:s0\": [\"192.0.2.7\", \"192.0.2.9\"]"
                : "\"ipset:s\($0)\": [\"ipset:s\($0 - 1)\", \"ipset:s\($0 - 1)\"]"
        }
        expectRefusal("{\"ipsets\": \(sets)}", "the IP sets add up to more than")
        let large = Self.list(5_001) { "192.0.\($0 / 256).\($0 % 256)" }
        expectRefusal("{\"ipsets\": {\"ipset:x\": \(large)}}", "at most 1000 IP sets with 5000 entries")
    }

    @Test("ranges that would be hundreds of prefixes each")
    func raggedRanges() throws {
        let ranges = Self.list(2_000) { "fd00:\(String($0, radix: 16))::1-fd00:\(String($0, radix: 16)):ffff::fffe" }
        let rules = Self.rule("[\"ipset:x\"]", "[\"*:443\"]")
        let policy = try read("{\"ipsets\": {\"ipset:x\": \(ranges)}, \"acls\": [\(rules)]}")
        let found = policy.compiled.table.ends(overlapping: try #require(AddressRange(text: "fd00:7::5")))
        #expect(found.count == 1)
    }

    @Test("ports without end")
    func ports() throws {
        let some = (1...5_000).map { "\($0 * 2)" }.joined(separator: ",")
        #expect(throws: Never.self) { try read("{\"acls\": [\(Self.rule("[\"*\"]", "[\"*:\(some)\"]"))]}") }
        let many = (1...40_000).map { "\($0)" }.joined(separator: ",")
        let error = #expect(throws: PolicyError.self) {
            try read("{\"acls\": [\(Self.rule("[\"*\"]", "[\"*:\(many)\"]"))]}")
        }
        #expect(error?.findings.first?.message.contains("more than 32768 ports") == true)
        #expect(error?.findings.first?.hint != nil)
    }

    @Test("rules whose sources times destinations are too many")
    func pairs() throws {
        func address(_ index: Int) -> String { "100.64.\(index / 256).\(index % 256)" }
        let sources = Self.list(9_000, address)
        let destinations = Self.list(9_000) { address($0) + ":*" }
        expectRefusal("{\"acls\": [\(Self.rule(sources, destinations))]}", "the rules name more than")
        expectRefusal(
            "{\"acls\": [\(Self.rule(Self.list(10_001, address), "[\"*:1\"]"))]}",
            "more than 10000 names in one list"
        )
        let policy = try read("{\"acls\": [\(Self.rule(sources, Self.list(20) { address($0) + ":*" }))]}")
        #expect(policy.compiled.parts.count == 20)
    }

    @Test("100,000 tests")
    func tests() {
        let tests = (0..<100_000).map { "{\"src\": \"u\($0)@\", \"accept\": [\"u@:1\"]}" }.joined(separator: ",")
        expectRefusal("{\"tests\": [\(tests)]}", "more than 20000 entries in one list")
    }

    @Test("postures of more conditions than a device has attributes")
    func postures() throws {
        let conditions = Self.list(1_001) { "custom:a\($0) == 1" }
        expectRefusal("{\"postures\": {\"posture:p\": \(conditions)}}", "more than 1000 conditions")
        let values = (0..<20_000).map { "'v\($0)'" }.joined(separator: ", ")
        #expect(throws: Never.self) {
            try read("{\"postures\": {\"posture:p\": [\"custom:a IN [\(values)]\"]}}")
        }
        let names = Self.list(1_001) { _ in "posture:p" }
        expectRefusal(
            "{\"postures\": {\"posture:p\": []}, \"defaultSrcPosture\": \(names)}",
            "more than 1000 postures in one list"
        )
    }
}
