// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleSwarm

/// A file that somebody named for what a run finds.
struct ReportFile {
    let path: String
    /// The option that named it.
    let option: String

    /// Begins the file, so that one that cannot be written is found before the run and not after it.
    func begin() throws(CommandError) {
        try write(Data())
    }

    /// Writes `report` as JSON.
    func write(json report: some Encodable) throws {
        try write(try Self.encode(report))
    }

    func write(_ data: Data) throws(CommandError) {
        do throws(PlanError) {
            try NamedFile.write(data, to: path, advice: "name a file in a folder of yours with \(option)")
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// JSON as people read it, and the same for the same value.
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
