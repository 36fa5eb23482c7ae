// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import Logging
internal import NeedleServer

/// Where the server's log goes: standard error, as text or as one JSON object a line.
enum ServerLog {
    /// The handler that `log.format` and `log.level` ask for.
    static func handler(
        for log: Configuration.Log,
        writeLine: @escaping @Sendable (String) -> Void
    ) -> any LogHandler {
        var handler: any LogHandler =
            switch log.format {
            case .text: StreamLogHandler.standardError(label: "needletail")
            case .json: JSONLogHandler(writeLine: writeLine)
            }
        handler.logLevel =
            switch log.level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .warn: .warning
            case .error: .error
            case .fatal, .panic, .disabled: .critical
            }
        return handler
    }
}

/// One JSON object a line: `{"level":"info","message":"…","time":"…"}` and the metadata.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    let writeLine: @Sendable (String) -> Void

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
        fields["level"] = event.level.rawValue
        fields["message"] = event.message.description
        fields["time"] = Date.now.formatted(.iso8601)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(fields) else { return }
        writeLine(String(decoding: json, as: UTF8.self) + "\n")
    }
}
