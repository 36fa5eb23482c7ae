// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import Foundation
internal import NeedlePolicy

/// A text that a command reads from a file, or from standard input.
struct PolicySource: ExpressibleByArgument, Equatable {
    /// The file; `-` is standard input.
    let path: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        path = argument
    }

    /// Whether the text comes from standard input.
    var isStandardInput: Bool { path == "-" }

    /// What messages call it.
    var name: String { isStandardInput ? "standard input" : path }

    /// The bytes as they are.
    ///
    /// - Throws: ``CommandError`` when the file cannot be read.
    func read(_ context: CommandContext) throws(CommandError) -> [UInt8] {
        if isStandardInput { return context.console.readAll() }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw CommandError("\(path) cannot be read; check the path and its permissions")
        }
    }

    /// The text as the description of a tailnet.
    ///
    /// - Throws: ``CommandError`` when it cannot be read, or is none.
    func readTailnet(_ context: CommandContext) throws(CommandError) -> TailnetFile {
        let text = try read(context)
        do throws(PolicyError) {
            return try TailnetFile(text: text)
        } catch {
            throw CommandError("the tailnet file \(name) is of no use: \(error)")
        }
    }
}
