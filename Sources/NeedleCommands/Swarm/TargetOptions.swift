// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleSwarm

/// Which server is loaded, and how the fleet gets in.
struct TargetOptions: ParsableArguments {
    @Flag(help: "Start a new server of this program for the run, and remove it afterwards.")
    var spawn = false

    @Option(
        name: .customLong("spawn-program"),
        help: ArgumentHelp("With --spawn: another build of this program.", valueName: "file"),
        completion: .file()
    )
    var program: String?

    @Flag(name: .customLong("no-policy"), help: "With --spawn: without a policy, for fleets that all see each other.")
    var hasNoPolicy = false

    @Option(help: ArgumentHelp("The server, for example http://127.0.0.1:8080.", valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp("The auth keys by name; read, or written if --admin makes them.", valueName: "file"),
        completion: .file()
    )
    var keys: String?

    @Option(
        help: ArgumentHelp("The server's command line, with which users and keys are made.", valueName: "command")
    )
    var admin: String?

    @Option(
        name: .customLong("server-pid"),
        help: ArgumentHelp("The server's process, to measure what it takes.", valueName: "pid")
    )
    var serverPID: Int?

    @Flag(name: .customLong("i-own-this-server"), help: "Load a server that is not on this machine.")
    var ownsServer = false

    func validate() throws {
        guard !spawn || server == nil && keys == nil && admin == nil && serverPID == nil else {
            throw ValidationError(
                "--spawn makes its own server and keys; leave --server, --keys, --admin and --server-pid"
            )
        }
        guard spawn || server != nil else { throw ValidationError("say --server URL, or --spawn for a new one") }
        guard spawn || keys != nil || admin != nil else {
            throw ValidationError("say --keys, or --admin with the server's command line, which makes them")
        }
        guard spawn || program == nil && !hasNoPolicy else {
            throw ValidationError("--spawn-program and --no-policy go with --spawn")
        }
    }

    /// What speaks to the server's command line, if one is named.
    var administrator: CommandAdministrator? {
        admin.map { CommandAdministrator(command: $0.split(separator: " ").map(String.init)) }
    }

    /// Reads the keys, or makes them.
    func keys(for roster: Roster, _ context: CommandContext) async throws -> FleetKeys {
        guard let administrator else { return try FleetKeys(file: keys ?? "") }
        context.console.writeError("making users and keys with '\(admin ?? "")'\n")
        let made = try await FleetKeys.make(for: roster, by: administrator)
        if let keys { try made.write(file: keys) }
        return made
    }
}
