// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import Yams

extension CommandContext {
    /// Writes what a command answers: `value` for programs, `text` for people.
    func show(_ value: some Encodable, as format: OutputFormat?, text: () -> String) throws {
        guard let format else {
            let text = text()
            if !text.isEmpty { console.write(text.hasSuffix("\n") ? text : text + "\n") }
            return
        }
        console.write(try Self.encode(value, as: format) + "\n")
    }

    /// Suggests what to do next: to people only, and beside the output, so that this can be captured alone.
    func suggest(_ text: String, as format: OutputFormat?) {
        if format == nil { console.writeError(TerminalText.printableLines(text) + "\n") }
    }

    /// Warns of something that does not keep the command from going on.
    func warn(_ text: String) {
        console.writeError("warning: \(TerminalText.printableLines(text))\n")
    }

    /// Writes why a command was not carried out.
    func report(_ error: CommandError, as format: OutputFormat?) {
        switch format {
        case nil: console.writeError("error: \(TerminalText.printableLines(error.message))\n")
        case .some(let format):
            // In one line even for "json", since that is what log collectors and people expect of errors.
            let text = try? Self.encode(["error": error.message], as: format == .yaml ? .yaml : .jsonLine)
            console.writeError((text ?? #"{"error":"unknown"}"#) + "\n")
        }
    }

    /// Asks before something is destroyed, if there is somebody to ask.
    ///
    /// - Throws: ``CommandError`` when the answer is not yes.
    func confirm(_ question: String, _ global: GlobalOptions) throws(CommandError) {
        guard !global.force, console.isInputTerminal else { return }
        console.writeError(TerminalText.printable(question) + " [y/N] ")
        guard let answer = console.readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandError("nothing was changed")
        }
    }

    /// How to mark text on this output.
    var style: TextStyle {
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        return console.isOutputTerminal && !isPlain ? .coloured : .plain
    }

    private static func encode(_ value: some Encodable, as format: OutputFormat) throws -> String {
        switch format {
        case .json, .jsonLine:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if format == .json { encoder.outputFormatting.insert(.prettyPrinted) }
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        case .yaml:
            let encoder = YAMLEncoder()
            encoder.options.sortKeys = true
            encoder.options.allowUnicode = true
            var text = try encoder.encode(value)
            while text.hasSuffix("\n") { text.removeLast() }
            return text
        }
    }
}
