// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleSwarm

/// Makes a fleet's users and keys before a run: `needletail swarm keys`.
struct SwarmKeysCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make the users and auth keys of a fleet with a server's command line, and nothing else.",
        discussion: """
            For servers that work through their whole policy for each user that is made: let the server have a policy \
            that allows everything, make the users and keys, give it the policy, and name the keys to 'swarm run' or \
            'swarm compare'. Users that are there already are used.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The fleet, as 'swarm plan' writes it.", valueName: "file"), completion: .file())
    var roster: String

    @Option(help: ArgumentHelp("The server's command line.", valueName: "command"))
    var admin: String

    @Option(help: ArgumentHelp("Where the keys go.", valueName: "file"), completion: .file())
    var keys: String

    func run(in context: CommandContext) async throws {
        let made: FleetKeys
        let fleet: Roster
        do {
            let read = try Roster.read(file: roster)
            fleet = read
            // Before there are keys that nobody would know.
            try FleetKeys(keys: [:]).write(file: keys)
            let administrator = CommandAdministrator(command: admin.split(separator: " ").map(String.init))
            made = try await Interruption.watching { try await FleetKeys.make(for: read, by: administrator) }
            try made.write(file: keys)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("\(error)")
        }
        let summary = KeysSummary(keys: made.keys.count, users: Set(fleet.nodes.compactMap(\.user)).count)
        try context.show(summary, as: global.output) { summary.text }
        let program = ShellText.quoted(context.program)
        context.suggest(
            "next: \(program) swarm run --server URL --roster \(ShellText.quoted(roster)) "
                + "--keys \(ShellText.quoted(keys))",
            as: global.output
        )
    }
}
