// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleTypes

/// `generate private-key`.
struct GeneratePrivateKey: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "private-key",
        abstract: "Make a private key for the server, in the form that its key files have."
    )

    private struct Answer: Encodable {
        let privateKey: String

        private enum CodingKeys: String, CodingKey {
            case privateKey = "private_key"
        }
    }

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        var random = SystemRandomNumberGenerator()
        let answer = Answer(privateKey: MachinePrivateKey.generate(using: &random).secretText)
        try context.show(answer, as: global.output) { answer.privateKey }
    }
}
