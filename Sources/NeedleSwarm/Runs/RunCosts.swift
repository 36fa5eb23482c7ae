// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// What this process and the server's had cost at a moment.
struct RunCosts {
    private let serverPID: Int?
    private let time = NIODeadline.now()
    private let own = ProcessCost.own
    private let server: ProcessCost?

    init(serverPID: Int?) {
        self.serverPID = serverPID
        server = serverPID.flatMap { ProcessCost(pid: $0) }
    }

    /// Since that moment.
    var seconds: Double { Double((.now() - time).nanoseconds) / 1e9 }

    /// What this process has cost since.
    var tool: SwarmReport.Tool {
        let now = ProcessCost.own
        return SwarmReport.Tool(
            cpuSeconds: (now?.cpuSeconds ?? 0) - (own?.cpuSeconds ?? 0),
            rssPeakBytes: now?.rssPeakBytes ?? 0
        )
    }

    /// What the server's process has cost since; nothing if it is not known, or gone.
    var serverSince: SwarmReport.Server? {
        guard let server, let now = serverPID.flatMap({ ProcessCost(pid: $0) }) else { return nil }
        return SwarmReport.Server(
            cpuSeconds: now.cpuSeconds - server.cpuSeconds,
            rssPeakBytes: now.rssPeakBytes,
            rssEndBytes: now.rssBytes,
            idleCPUPercent: nil
        )
    }
}
