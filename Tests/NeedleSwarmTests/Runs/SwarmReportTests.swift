// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NIOCore
import Testing

@testable import NeedleSwarm

@Suite struct SwarmReportTests {
    private static let report = SwarmReport(
        outcome: SwarmReport.exactOutcome,
        nodes: 2,
        registeredSeconds: 0.5,
        firstMapSeconds: 1,
        exactSeconds: 1.5,
        registered: Distribution([0.25, 0.5]),
        firstMap: Distribution([1, 0.75]),
        exact: nil,
        messages: 4,
        keepAlives: 1,
        wireBytes: 1000,
        strays: 0,
        leaks: 0,
        errors: ["the connection was closed or lost": 3],
        notes: [],
        phases: [],
        tool: SwarmReport.Tool(cpuSeconds: 0.125, rssPeakBytes: 20 << 20),
        server: SwarmReport.Server(cpuSeconds: 1, rssPeakBytes: 9 << 20, rssEndBytes: 8 << 20, idleCPUPercent: 0.5)
    )

    @Test("has the field names that are documented, and reads back")
    func json() throws {
        let json = try JSONEncoder().encode(Self.report)
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        let wanted = ["outcome", "nodes", "registered_s", "first_map_s", "exact_s", "messages", "wire_bytes", "tool"]
        for name in wanted { #expect(object[name] != nil, "\(name)") }
        let server = try #require(object["server"] as? [String: Any])
        #expect(Set(server.keys) == ["cpu_s", "rss_peak_bytes", "rss_end_bytes", "idle_cpu_percent"])
        #expect(try JSONDecoder().decode(SwarmReport.self, from: json) == Self.report)
    }

    @Test("a run that was not exact has null where programs look for a number")
    func nulls() throws {
        var report = Self.report
        report.outcome = "1 clients lack peers"
        report.exactSeconds = nil
        report.firstMap = nil
        let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        #expect(json.contains(#""exact_s":null"#))
        #expect(!json.contains(#""first_map":"#))
        #expect(!report.isExact)
    }

    @Test("is a text that people can read")
    func text() {
        let lines = Self.report.description.split(separator: "\n")
        #expect(lines.first == "outcome: exact")
        #expect(lines.contains("registered: p50 0.25 s, p95 0.50 s, p99 0.50 s, max 0.50 s"))
        #expect(lines.contains("server: 1.00 s of CPU, 9 MiB at most, 8 MiB at the end, idle 0.50 % of a core"))
        #expect(lines.last == "error, 3 times: the connection was closed or lost")
    }

    @Test("says of how many clients the times are, if some never came so far")
    func shares() {
        var report = Self.report
        report.nodes = 5
        let lines = report.description.split(separator: "\n")
        #expect(lines.contains("registered: p50 0.25 s, p95 0.50 s, p99 0.50 s, max 0.50 s, of 2 of 5 clients"))
        #expect(lines.contains("all peers: none of 5 clients"))
    }

    @Test("says what came after all were complete, and what was left out")
    func tail() throws {
        var report = Self.report
        report.tail = SwarmTail(seconds: 2.5, messages: 7, serverCPUSeconds: 0.5, isQuiet: true)
        report.notes = ["idle was left out, since 1 clients lack peers"]
        let lines = report.description.split(separator: "\n")
        #expect(lines.contains("then, until the server was quiet: 7 messages in 2.50 s, server 0.50 s of CPU"))
        #expect(lines.contains("idle was left out, since 1 clients lack peers"))
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
        let tail = try #require(object?["tail"] as? [String: Any])
        #expect(Set(tail.keys) == ["duration_s", "messages", "server_cpu_s", "quiet"])
        #expect(object?["notes"] as? [String] == report.notes)
        report.tail?.isQuiet = false
        #expect(report.description.contains("the server was not quiet yet"))
    }

    @Test("percentiles are values that were measured")
    func percentiles() throws {
        let hundred = try #require(Distribution((1...100).map(Double.init).shuffled()))
        #expect((hundred.p50, hundred.p95, hundred.p99, hundred.max) == (50, 95, 99, 100))
        let one = try #require(Distribution([3]))
        #expect((one.p50, one.p95, one.p99, one.max) == (3, 3, 3, 3))
        #expect(Distribution([]) == nil)
    }

    @Test(
        "numbers are rounded",
        arguments: [(0, 2, "0.00"), (1.005, 1, "1.0"), (12.346, 2, "12.35"), (-0.5, 2, "-0.50"), (7, 0, "7")]
            as [(Double, Int, String)]
    )
    func decimal(value: Double, places: Int, text: String) {
        #expect(ReportText.decimal(value, places: places) == text)
        #expect(ReportText.decimal(.infinity, places: 1) == "-")
    }

    @Test("judges clients by number, by name in a mesh, and by strays")
    func judgement() {
        func result(own: Int64, _ peers: [Int64], strays: Int = 0) -> SwarmClientResult {
            var result = SwarmClientResult()
            result.goal.expectedPeers = 1
            result.isReleased = true
            result.member = Int(own) - 1
            result.firstMap = .now()
            result.exact = .now()
            result.tally.apply([.own(own)] + peers.map(PeerFact.peer))
            result.tally.apply([PeerFact](repeating: .removed(999), count: strays))
            return result
        }
        let good = [result(own: 1, [2]), result(own: 2, [1])]
        #expect(SwarmJudgement(good, isMesh: true).isExact)
        #expect(SwarmJudgement(good, isMesh: true).outcome == "exact")
        let stranger = [result(own: 1, [2]), result(own: 2, [3])]
        #expect(SwarmJudgement(stranger, isMesh: false).isExact)
        #expect(SwarmJudgement(stranger, isMesh: true).outcome.contains("wrong ones"))
        #expect(SwarmJudgement([result(own: 1, [])], isMesh: false).outcome == "1 clients lack peers")
        #expect(SwarmJudgement([result(own: 1, [2, 3])], isMesh: false).outcome.contains("too many"))
        #expect(SwarmJudgement([result(own: 1, [2], strays: 1)], isMesh: false).outcome.contains("told about"))
        var lost = result(own: 1, [2])
        lost.exact = nil
        #expect(SwarmJudgement([lost], isMesh: false).outcome.contains("lost"))
    }

    @Test("each client has an address of its own on loopback")
    func sources() {
        let addresses = (0..<20_000).map(SourceAddresses.address)
        #expect(Set(addresses).count == addresses.count)
        let isRight = addresses.allSatisfy { address in
            let octets = address.split(separator: ".").compactMap { UInt8($0) }
            return octets.count == 4 && octets[0] == 127 && octets[1...].allSatisfy { (1...250).contains($0) }
        }
        #expect(isRight)
        let remote = ControlTarget(host: "192.0.2.1", port: 80)
        #expect(SourceAddresses.source(ofClient: 1, of: remote) == nil)
        #expect(SourceAddresses.source(ofClient: 1, of: ControlTarget(host: "127.0.0.1", port: 80)) != nil)
    }

    @Test("reads what Linux says of a process, odd names too")
    func processCost() throws {
        let stat = "7 (a) b) S 1 7 7 0 -1 4 10 0 0 0 250 50 0 0 20 0 1 0 100 0 0"
        #expect(ProcessCost.ticks(stat: stat) == 300)
        #expect(ProcessCost.ticks(stat: "7 (a) S 1") == nil)
        #expect(ProcessCost.kilobytes("VmHWM:", "Name:\ta\nVmHWM:\t   1234 kB\nVmRSS:\t 5 kB") == 1234)
        #expect(ProcessCost.kilobytes("VmHWM:", "Name:\ta") == 0)
        let own = try #require(ProcessCost.own)
        #expect(own.rssPeakBytes > 1 << 20)
    }
}
