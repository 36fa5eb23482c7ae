// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import Foundation
internal import NeedleSwarm

/// Compares two servers: `needletail swarm compare`.
struct SwarmCompareCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Let the same fleet join two servers, and compare what every client is told.",
        discussion: """
            Peers, allowed addresses, the packet filter as the set of flows that it allows, SSH rules and DNS are \
            compared by the names of nodes, since ids and addresses differ. Both servers must be new, with the same \
            policy; with --spawn-b, the second is made for the comparison. The exit status is 1 if anything differs.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("The fleet, as 'swarm plan' writes it; the policy lies beside it.", valueName: "file"),
        completion: .file()
    )
    var roster: String

    @Option(help: ArgumentHelp("The policy of both, if it does not lie beside the roster.", valueName: "file"))
    var policy: String?

    @Option(help: ArgumentHelp("The first server.", valueName: "url"))
    var a: String

    @Option(name: .customLong("keys-a"), help: ArgumentHelp("Its auth keys by name.", valueName: "file"))
    var keysA: String?

    @Option(
        name: .customLong("admin-a"),
        help: ArgumentHelp("Its command line, which makes them.", valueName: "command")
    )
    var adminA: String?

    @Option(help: ArgumentHelp("The second server.", valueName: "url"))
    var b: String?

    @Option(name: .customLong("keys-b"), help: ArgumentHelp("Its auth keys by name.", valueName: "file"))
    var keysB: String?

    @Option(
        name: .customLong("admin-b"),
        help: ArgumentHelp("Its command line, which makes them.", valueName: "command")
    )
    var adminB: String?

    @Flag(name: .customLong("spawn-b"), help: "Make the second server for the comparison.")
    var spawnsB = false

    @Flag(name: .customLong("i-own-this-server"), help: "Use servers that are not on this machine.")
    var ownsServers = false

    @Option(
        name: .customLong("time-limit"),
        help: ArgumentHelp("How long to wait for a server's answer to one client.", valueName: "seconds")
    )
    var timeLimit = 300

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"), completion: .file())
    var json: String?

    func validate() throws {
        guard (1...86_400).contains(timeLimit) else { throw ValidationError("--time-limit takes 1 to 86400") }
        guard spawnsB != (b != nil) else { throw ValidationError("say --b URL, or --spawn-b") }
        guard keysA != nil || adminA != nil else { throw ValidationError("say --keys-a or --admin-a") }
        guard spawnsB || keysB != nil || adminB != nil else { throw ValidationError("say --keys-b or --admin-b") }
    }

    func run(in context: CommandContext) async throws {
        let report: ComparisonReport
        // Before the comparison, not after it.
        let jsonFile = json.map { ReportFile(path: $0, option: "--json") }
        try jsonFile?.begin()
        do {
            let command = self
            let plan = try SwarmPlan.read(roster: roster, policy: policy)
            report = try await Interruption.watching { try await command.compare(plan, context) }
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("\(error)")
        }
        try jsonFile?.write(json: report)
        try context.show(report, as: global.output) { "\(report)" }
        if !report.isSame { throw ExitCode.failure }
    }

    private func compare(_ plan: SwarmPlan, _ context: CommandContext) async throws -> ComparisonReport {
        let console = context.console
        let one = try await side(a, keys: keysA, admin: adminA, plan.roster)
        let say: @Sendable (String) -> Void = { console.writeError($0 + "\n") }
        if let b {
            let other = try await side(b, keys: keysB, admin: adminB, plan.roster)
            return try await compare(plan, one, other, say)
        }
        let server = try SpawnedServer(policy: plan.policy)
        do {
            try await server.start()
            let keys = try await SocketAdministrator.with(socket: server.socketPath, patience: .seconds(20)) {
                try await FleetKeys.make(for: plan.roster, by: $0)
            }
            let other = ServerComparison.Side(target: try ControlTarget(url: server.url), keys: keys.keys)
            let report = try await compare(plan, one, other, say)
            await server.cleanUp()
            return report
        } catch {
            await server.cleanUp()
            throw error
        }
    }

    private func compare(
        _ plan: SwarmPlan,
        _ one: ServerComparison.Side,
        _ other: ServerComparison.Side,
        _ say: @escaping @Sendable (String) -> Void
    ) async throws -> ComparisonReport {
        try await ServerComparison.run(plan, one, other, timeLimit: .seconds(timeLimit), progress: say)
    }

    private func side(
        _ url: String,
        keys: String?,
        admin: String?,
        _ roster: Roster
    ) async throws -> ServerComparison.Side {
        let target = try ControlTarget(url: url)
        guard target.isLoopback || ownsServers else {
            throw CommandError("\(target.host) is not this machine; if it is your own server, say --i-own-this-server")
        }
        guard let admin else {
            return ServerComparison.Side(target: target, keys: try FleetKeys(file: keys ?? "").keys)
        }
        let administrator = CommandAdministrator(command: admin.split(separator: " ").map(String.init))
        let made = try await FleetKeys.make(for: roster, by: administrator)
        if let keys { try made.write(file: keys) }
        return ServerComparison.Side(target: target, keys: made.keys)
    }
}
