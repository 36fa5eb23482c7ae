// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import FoundationEssentials

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What a process has cost so far, as Linux says.
struct ProcessCost {
    var cpuSeconds: Double
    var rssBytes: Int
    var rssPeakBytes: Int

    /// This process.
    static var own: ProcessCost? { ProcessCost(path: "/proc/self") }

    /// Another process, or nothing if there is none.
    init?(pid: Int) {
        self.init(path: "/proc/\(pid)")
    }

    private init?(path: String) {
        guard let stat = try? String(contentsOfFile: path + "/stat", encoding: .utf8),
            let status = try? String(contentsOfFile: path + "/status", encoding: .utf8),
            let ticks = Self.ticks(stat: stat)
        else { return nil }
        cpuSeconds = Double(ticks) / Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        rssBytes = Self.kilobytes("VmRSS:", status) * 1024
        rssPeakBytes = Self.kilobytes("VmHWM:", status) * 1024
    }

    /// User and system time; the second field of the line is a name that may hold anything, up to the last bracket.
    static func ticks(stat: String) -> Int? {
        guard let bracket = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }

    static func kilobytes(_ name: String, _ status: String) -> Int {
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            return line.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) } ?? 0
        }
        return 0
    }
}
