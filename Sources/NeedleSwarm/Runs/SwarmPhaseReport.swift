// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What one part of a run found, besides the joining.
package struct SwarmPhaseReport: Codable, Equatable, Sendable {
    /// The scenario.
    package var name: String
    /// `exact`, or a sentence that says what was wrong at its end.
    package var outcome: String
    /// Clients for which something had to change.
    package var affected: Int
    /// When the last of them had what it had to come to see, from the start of this part; nil unless all had.
    package var doneSeconds: Double?
    /// Until they had.
    package var done: Distribution?
    /// Until a client that had lost its stream had a map again.
    package var firstMap: Distribution?
    /// How long it took until a client was told of a change; only with `churn`.
    package var delivery: Distribution?
    /// What clients were told of changes, as a share of what they had to be told; only with `churn`.
    package var delivered: Double?
    /// Clients whose first map after the break had too few or too many peers; only with `reconnect`.
    package var wrongMaps: Int?
    /// What came after all had what they had to come to see, which is part of the rest; nil of `idle`.
    package var tail: SwarmTail?
    /// Messages to clients for which nothing had to change; only with policies.
    package var untouchedMessages: Int?
    /// Map messages, keep-alives not counted.
    package var messages: Int
    /// Bytes of map streams, as compressed.
    package var wireBytes: Int
    /// How long this part took, with everything but the silence at its end.
    package var seconds: Double
    /// The server's processor time meanwhile; nil if its process is not known, or was another before.
    package var serverCPUSeconds: Double?
    /// The server's processor time meanwhile in hundredths of one core.
    package var serverCPUPercent: Double?
    /// This process's processor time meanwhile.
    package var toolCPUSeconds: Double

    enum CodingKeys: String, CodingKey {
        case name
        case outcome
        case affected
        case doneSeconds = "done_s"
        case done
        case firstMap = "first_map"
        case delivery
        case delivered
        case wrongMaps = "wrong_maps"
        case tail
        case untouchedMessages = "untouched_messages"
        case messages
        case wireBytes = "wire_bytes"
        case seconds = "duration_s"
        case serverCPUSeconds = "server_cpu_s"
        case serverCPUPercent = "server_cpu_percent"
        case toolCPUSeconds = "tool_cpu_s"
    }
}

extension SwarmPhaseReport: CustomStringConvertible {
    package var description: String {
        var line = "\(name): \(outcome)"
        if affected > 0, let done {
            let all = doneSeconds == nil && done.count < affected ? " of \(affected)" : ""
            line += "; \(done.count)\(all) clients complete: \(done)"
        }
        if let firstMap { line += "; first map: \(firstMap)" }
        if let delivered { line += "; told \(ReportText.decimal(delivered * 100, places: 1)) % of what was to be told" }
        if let delivery { line += "; others told: \(delivery)" }
        if let untouchedMessages { line += "; messages to others: \(untouchedMessages)" }
        line += "; \(messages) messages, \(wireBytes) bytes in \(ReportText.seconds(seconds))"
        if let tail, tail.messages > 0 || !tail.isQuiet { line += "; after that \(tail)" }
        if let serverCPUSeconds, let serverCPUPercent {
            line += "; server \(ReportText.seconds(serverCPUSeconds)) of CPU"
            line += " (\(ReportText.decimal(serverCPUPercent, places: 2)) % of a core)"
        }
        return line
    }
}
