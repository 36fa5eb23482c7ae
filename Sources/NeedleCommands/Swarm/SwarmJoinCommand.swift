// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleSwarm

/// Lets clients join that must all see each other: `needletail swarm join`.
struct SwarmJoinCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Let clients join at once that must all see each other; the exit status is 1 if one does not.",
        discussion: """
            The server must be new and on loopback, and --auth-key reusable. Each client has its own keys, registers, and \
            holds a zstd map stream. What is reported was measured by the clients.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The server, for example http://127.0.0.1:8080.", valueName: "url"))
    var server: String

    @Option(help: ArgumentHelp("How many clients.", valueName: "number"))
    var clients: Int

    @Option(name: .customLong("auth-key"), help: ArgumentHelp("A reusable auth key.", valueName: "key"))
    var authKey: String

    @Option(
        name: .customLong("server-pid"),
        help: ArgumentHelp("The server's process, to measure what it takes.", valueName: "pid")
    )
    var serverPID: Int?

    @Option(
        name: .customLong("idle-seconds"),
        help: ArgumentHelp("How long to watch the idle server afterwards.", valueName: "seconds")
    )
    var idleSeconds = 0

    func validate() throws {
        guard (1...19_000).contains(clients) else { throw ValidationError("--clients takes a number from 1 to 19000") }
        guard (0...3600).contains(idleSeconds) else { throw ValidationError("--idle-seconds takes 0 to 3600") }
    }

    func run(in context: CommandContext) async throws {
        let report: SwarmReport
        do {
            var configuration = SwarmConfiguration(
                mesh: clients,
                of: try ControlTarget(url: server),
                authKey: authKey
            )
            configuration.serverPID = serverPID
            configuration.idleTime = .seconds(idleSeconds)
            let console = context.console
            report = try await SwarmRunner.run(configuration) { console.writeError("\($0)\n") }
        } catch {
            throw CommandError("\(error)")
        }
        try context.show(report, as: global.output) { "\(report)" }
        if report.outcome != "exact" { throw ExitCode.failure }
    }
}
