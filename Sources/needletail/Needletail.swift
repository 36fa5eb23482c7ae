// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleAdmin
internal import NeedleCommands
internal import NeedleServer

@main
struct Needletail {
    static func main() async {
        let context = CommandContext.process(
            version: VersionObject(version: ServerVersion.text),
            socketPathReader: YAMLSocketPathReader()
        )
        exit(await NeedletailCommand.run(Array(CommandLine.arguments.dropFirst()), in: context))
    }
}
