// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a load run found.
///
/// - Shape: the field names of its JSON are documented with the load tool; times are seconds since the start.
package struct SwarmReport: Codable, Equatable, Sendable {
    /// What the server's process cost.
    package struct Server: Codable, Equatable, Sendable {
        /// Processor time from the start until everything had arrived.
        package var cpuSeconds: Double
        /// The most memory that it ever had.
        package var rssPeakBytes: Int
        /// Its memory at the end.
        package var rssEndBytes: Int
        /// Processor time while idle, in hundredths of one core; nil if that was not measured.
        package var idleCPUPercent: Double?

        enum CodingKeys: String, CodingKey {
            case cpuSeconds = "cpu_s"
            case rssPeakBytes = "rss_peak_bytes"
            case rssEndBytes = "rss_end_bytes"
            case idleCPUPercent = "idle_cpu_percent"
        }
    }

    /// What the run itself cost.
    package struct Tool: Codable, Equatable, Sendable {
        /// Processor time from the start until everything had arrived.
        package var cpuSeconds: Double
        /// The most memory that this process ever had.
        package var rssPeakBytes: Int

        enum CodingKeys: String, CodingKey {
            case cpuSeconds = "cpu_s"
            case rssPeakBytes = "rss_peak_bytes"
        }
    }

    /// `exact`, or a sentence that says what was wrong.
    package var outcome: String
    /// Clients of the run.
    package var nodes: Int
    /// When the last client was let in; nil unless all were.
    package var registeredSeconds: Double?
    /// When the last client had its first map; nil unless all had.
    package var firstMapSeconds: Double?
    /// When all clients had exactly their peers; nil unless they had at the end.
    package var exactSeconds: Double?
    /// Until a client was let in.
    package var registered: Distribution?
    /// Until a client had its first map.
    package var firstMap: Distribution?
    /// Until a client had all its peers for the first time that lasted.
    package var exact: Distribution?
    /// Map messages, keep-alives not counted.
    package var messages: Int
    /// Keep-alives.
    package var keepAlives: Int
    /// Bytes of map streams, as compressed.
    package var wireBytes: Int
    /// Messages about nodes that a client did not have.
    package var strays: Int
    /// How often a client was told of a node that no policy of the run lets it see; 0 if there was no policy to check.
    package var leaks: Int
    /// What went wrong, and how often.
    package var errors: [String: Int]
    /// What was left out, and why.
    package var notes: [String]
    /// What the server still sent when all were complete, if it was waited for; not in ``messages`` and the costs.
    package var tail: SwarmTail?
    /// What came after all had joined.
    package var phases: [SwarmPhaseReport]
    /// What the run itself cost.
    package var tool: Tool
    /// What the server cost, if its process was given.
    package var server: Server?

    enum CodingKeys: String, CodingKey {
        case outcome
        case nodes
        case registeredSeconds = "registered_s"
        case firstMapSeconds = "first_map_s"
        case exactSeconds = "exact_s"
        case registered
        case firstMap = "first_map"
        case exact
        case messages
        case keepAlives = "keep_alives"
        case wireBytes = "wire_bytes"
        case strays
        case leaks
        case errors
        case notes
        case tail
        case phases
        case tool
        case server
    }

    /// What is not known is `null` where programs look for a number, and absent elsewhere.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(registeredSeconds, forKey: .registeredSeconds)
        try container.encode(firstMapSeconds, forKey: .firstMapSeconds)
        try container.encode(exactSeconds, forKey: .exactSeconds)
        try container.encodeIfPresent(registered, forKey: .registered)
        try container.encodeIfPresent(firstMap, forKey: .firstMap)
        try container.encodeIfPresent(exact, forKey: .exact)
        try container.encode(messages, forKey: .messages)
        try container.encode(keepAlives, forKey: .keepAlives)
        try container.encode(wireBytes, forKey: .wireBytes)
        try container.encode(strays, forKey: .strays)
        try container.encode(leaks, forKey: .leaks)
        try container.encode(errors, forKey: .errors)
        try container.encode(notes, forKey: .notes)
        try container.encodeIfPresent(tail, forKey: .tail)
        try container.encode(phases, forKey: .phases)
        try container.encode(tool, forKey: .tool)
        try container.encodeIfPresent(server, forKey: .server)
    }

    /// Whether every client had exactly its peers.
    package var isExact: Bool { outcome == Self.exactOutcome }

    static let exactOutcome = "exact"
}

extension SwarmReport: CustomStringConvertible {
    package var description: String {
        var lines = ["outcome: \(outcome)", "clients: \(nodes)"]
        for (name, times) in [("registered", registered), ("first map", firstMap), ("all peers", exact)] {
            guard let times else {
                lines.append("\(name): none of \(nodes) clients")
                continue
            }
            let share = times.count < nodes ? ", of \(times.count) of \(nodes) clients" : ""
            lines.append("\(name): \(times)\(share)")
        }
        lines.append("map messages: \(messages), keep-alives: \(keepAlives), bytes: \(wireBytes)")
        if strays > 0 { lines.append("messages about nodes that the client did not have: \(strays)") }
        if leaks > 0 { lines.append("nodes that a client was told of and may not see: \(leaks)") }
        if let tail { lines.append("then, until the server was quiet: \(tail)") }
        lines += phases.map(\.description)
        lines += notes
        lines.append(
            "tool: \(ReportText.seconds(tool.cpuSeconds)) of CPU, \(tool.rssPeakBytes / 1_048_576) MiB at most"
        )
        if let server { lines.append(server.description) }
        for (text, count) in errors.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("error, \(count) times: \(text)")
        }
        return lines.joined(separator: "\n")
    }
}

extension SwarmReport.Server: CustomStringConvertible {
    package var description: String {
        let idle = idleCPUPercent.map { ", idle \(ReportText.decimal($0, places: 2)) % of a core" } ?? ""
        return "server: \(ReportText.seconds(cpuSeconds)) of CPU, \(rssPeakBytes / 1_048_576) MiB at most, "
            + "\(rssEndBytes / 1_048_576) MiB at the end\(idle)"
    }
}
