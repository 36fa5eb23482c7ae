// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// The group of commands about nodes.
package struct NodesCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract:
            "List, show, rename, tag, expire and delete nodes, the machines of the tailnet, and approve their routes.",
        subcommands: [
            NodesList.self, NodesShow.self, NodesRename.self, NodesExpire.self, NodesDelete.self, NodesTag.self,
            NodesApproveRoutes.self, NodesListRoutes.self,
        ],
        aliases: ["node"]
    )

    package init() {}
}
