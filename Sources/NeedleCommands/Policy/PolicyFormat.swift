// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import Foundation
internal import HuJSON

/// `policy format`.
struct PolicyFormat: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "format",
        abstract: "Format a policy: tabs, one entry a line, commas at ends; comments stay.",
        discussion: "The result goes to standard output, unless --write or --check is given."
    )

    private struct Answer: Encodable {
        let file: String
        let changed: Bool
        let text: String?
    }

    @Argument(help: ArgumentHelp("The policy; - is standard input.", valueName: "file"), completion: .file())
    var policy: PolicySource

    @Flag(name: .shortAndLong, help: "Write the result to the file, if that changes it.")
    var write = false

    @Flag(help: "Only say whether the file is formatted; the exit status is 1 if not.")
    var check = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !write || !check else { throw ValidationError("--write and --check exclude each other.") }
        guard !write || !policy.isStandardInput else {
            throw ValidationError("Standard input cannot be written to; leave --write out.")
        }
    }

    func run(in context: CommandContext) async throws {
        let text = try policy.read(context)
        let formatted = try format(text)
        let isChanged = formatted != text
        if write, isChanged { try replace(with: formatted) }
        let result = String(decoding: formatted, as: UTF8.self)
        let answer = Answer(file: policy.name, changed: isChanged, text: write || check ? nil : result)
        try context.show(answer, as: global.output) {
            if write { return isChanged ? "\(policy.name) is now formatted" : "\(policy.name) was formatted already" }
            if check { return isChanged ? "\(policy.name) is not formatted" : "\(policy.name) is formatted" }
            return result
        }
        if check, isChanged { throw ExitCode.failure }
    }

    private func format(_ text: [UInt8]) throws(CommandError) -> [UInt8] {
        do throws(HuJSONError) {
            return HuJSONFormatter.format(try HuJSONDocument(text))
        } catch {
            throw CommandError("\(policy.name) is not HuJSON: \(error)")
        }
    }

    /// Puts a whole new file in the place of the old one, so that a server never reads half of it.
    private func replace(with text: [UInt8]) throws(CommandError) {
        do {
            try Data(text).write(to: URL(filePath: policy.path).resolvingSymlinksInPath(), options: .atomic)
        } catch {
            throw CommandError("\(policy.path) cannot be written; check the permissions of the file and its folder")
        }
    }
}
