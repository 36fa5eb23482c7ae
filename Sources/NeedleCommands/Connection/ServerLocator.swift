// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Decides which socket a command talks to.
struct ServerLocator {
    /// The variable that stands in for `unix_socket`, as every configuration key has one.
    static let socketVariable = "NEEDLETAIL_UNIX_SOCKET"

    let context: CommandContext

    /// The most particular wins: `--socket`, the environment, the configuration file, the data directory.
    func socketPath(_ global: GlobalOptions) throws(CommandError) -> String {
        if let path = global.socket { return path }
        if let path = context.environment[Self.socketVariable], !path.isEmpty { return path }
        if let file = global.configurationPath(environment: context.environment),
            let path = try context.socketPathReader.socketPath(inConfigurationAt: file)
        {
            return path
        }
        let folder = global.dataDirectoryPath(environment: context.environment)
        return folder.hasSuffix("/") ? folder + GlobalOptions.socketName : "\(folder)/\(GlobalOptions.socketName)"
    }
}
