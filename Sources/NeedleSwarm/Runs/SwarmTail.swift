// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a server still sent, and what that cost, after all clients had what they had to come to see.
package struct SwarmTail: Codable, Equatable, Sendable {
    /// From then until the last message; 0 if none came.
    package var seconds: Double
    /// Map messages, keep-alives not counted.
    package var messages: Int
    /// The server's processor time meanwhile, with the silence that was waited for; nil if its process is not known.
    package var serverCPUSeconds: Double?
    /// Whether the server became quiet before the time limit.
    package var isQuiet: Bool

    enum CodingKeys: String, CodingKey {
        case seconds = "duration_s"
        case messages
        case serverCPUSeconds = "server_cpu_s"
        case isQuiet = "quiet"
    }
}

extension SwarmTail: CustomStringConvertible {
    package var description: String {
        var text =
            messages == 0 && isQuiet
            ? "nothing more came" : "\(messages) messages in \(ReportText.seconds(seconds))"
        if let serverCPUSeconds, messages > 0 || !isQuiet {
            text += ", server \(ReportText.seconds(serverCPUSeconds)) of CPU"
        }
        return isQuiet ? text : text + ", and the server was not quiet yet"
    }
}
