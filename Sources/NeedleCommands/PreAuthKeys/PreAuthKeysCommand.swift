// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// The group of commands about pre-auth keys.
package struct PreAuthKeysCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "preauthkeys",
        abstract: "Make, list, expire and delete the keys with which machines join.",
        subcommands: [PreAuthKeysCreate.self, PreAuthKeysList.self, PreAuthKeysExpire.self, PreAuthKeysDelete.self],
        aliases: ["preauthkey", "authkey", "pre"]
    )

    package init() {}
}
