// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import Foundation
internal import NeedleSwarm

/// Runs a fleet against a server: `needletail swarm run`.
struct SwarmRunCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "Let a fleet join a server, and measure it; the exit status is 1 if a client sees too few or too many.",
        discussion: """
            With --spawn, a new server of this program is started for the run in a temporary folder, and removed \
            afterwards: needletail swarm run --spawn --preset acl15k --nodes 2000

            Otherwise the server is named by --server, and must be new. Its users and keys come from --keys, or are made \
            by the tool with the command line that --admin names, such as --admin 'headscale -c config.yaml'.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var target: TargetOptions

    @Option(
        help: ArgumentHelp("The fleet, as 'swarm plan' writes it; the policies lie beside it.", valueName: "file"),
        completion: .file()
    )
    var roster: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"), completion: .file())
    var json: String?

    @Option(help: ArgumentHelp("Draw the run over time.", valueName: "file.svg"), completion: .file())
    var plot: String?

    func validate() throws {
        guard roster != nil || fleet.isGiven else {
            throw ValidationError("say which fleet: --preset, --policy or --roster")
        }
        guard roster == nil || fleet.preset == nil && fleet.nodes == nil else {
            throw ValidationError("a --roster says which nodes there are; leave --preset and --nodes")
        }
    }

    func run(in context: CommandContext) async throws {
        // Before the run, not after it.
        let jsonFile = json.map { ReportFile(path: $0, option: "--json") }
        let plotFile = plot.map { ReportFile(path: $0, option: "--plot") }
        try jsonFile?.begin()
        try plotFile?.begin()
        let result: (report: SwarmReport, chart: String)
        do {
            let plan = try self.plan { context.warn($0) }
            let command = self
            result = try await Interruption.watching {
                command.target.spawn
                    ? try await command.runSpawned(plan, context) : try await command.runAgainst(plan, context)
            }
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("\(error)")
        }
        try jsonFile?.write(json: result.report)
        try plotFile?.write(Data(result.chart.utf8))
        try context.show(result.report, as: global.output) { "\(result.report)" }
        if !result.report.isExact { throw ExitCode.failure }
    }

    private func plan(warn: (String) -> Void) throws -> SwarmPlan {
        guard let roster else { return try fleet.plan(warn: warn) }
        return try SwarmPlan.read(roster: roster, policy: fleet.policy, policy2: fleet.policy2)
    }

    // MARK: - The server

    /// Against a server that is made for the run.
    private func runSpawned(_ plan: SwarmPlan, _ context: CommandContext) async throws -> (SwarmReport, String) {
        let server = try SpawnedServer(policy: target.hasNoPolicy ? nil : plan.policy, program: target.program)
        do {
            try await server.start()
            context.console.writeError("a new server at \(server.url); making users and keys\n")
            let keys = try await SocketAdministrator.with(socket: server.socketPath, patience: .seconds(20)) {
                try await FleetKeys.make(for: plan.roster, by: $0)
            }
            var configuration = try SwarmConfiguration(plan, of: ControlTarget(url: server.url), keys: keys.keys)
            configuration.serverPID = server.pid
            configuration.control.restart = { try await server.restart() }
            if !target.hasNoPolicy { configuration.control.setPolicy = { try server.setPolicy($0) } }
            let result = try await play(configuration, context)
            if !result.report.isExact, !server.log.isEmpty {
                context.console.writeError("the server said:\n\(server.log)\n")
            }
            await server.cleanUp()
            return result
        } catch {
            await server.cleanUp()
            throw error
        }
    }

    /// Against a server that is there.
    private func runAgainst(_ plan: SwarmPlan, _ context: CommandContext) async throws -> (SwarmReport, String) {
        guard let url = target.server else { throw CommandError("say --server URL, or --spawn for a new one") }
        let keys = try await target.keys(for: plan.roster, context)
        var configuration = try SwarmConfiguration(plan, of: ControlTarget(url: url), keys: keys.keys)
        if let pid = target.serverPID, !FileManager.default.fileExists(atPath: "/proc/\(pid)/stat") {
            throw CommandError("there is no process \(pid); --server-pid takes the server's number, as pgrep shows it")
        }
        configuration.allowsRemote = target.ownsServer
        configuration.serverPID = target.serverPID
        if let administrator = target.administrator {
            configuration.control.setPolicy = { try await administrator.setPolicy($0) }
        }
        return try await play(configuration, context)
    }

    private func play(
        _ configuration: SwarmConfiguration,
        _ context: CommandContext
    ) async throws -> (report: SwarmReport, chart: String) {
        var configuration = configuration
        load.apply(to: &configuration)
        let console = context.console
        return try await SwarmRunner.runAndDraw(configuration) { console.writeError("\($0)\n") }
    }
}
