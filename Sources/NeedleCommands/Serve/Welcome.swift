// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleServer
internal import NeedleTypes

/// What a server says once it accepts: where it is, and the next two things to type.
struct Welcome {
    let ready: NeedletailServer.Ready
    let global: GlobalOptions
    let program: String

    var text: String {
        let url = ready.configuration.serverURL.description
        var lines = [
            "Needletail \(ServerVersion.text) serves \(url)",
            "",
            "1. Make an auth key:",
            "     \(keyCommand)",
            "2. Join a client with it:",
            "     tailscale up --login-server \(url) --auth-key KEY",
        ]
        if let warning { lines += ["", warning] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line that works as it stands, on a server without users too.
    private var keyCommand: String {
        let command = ([ShellText.quoted(program)] + serverOptions).joined(separator: " ")
        if let user = ready.firstUser {
            return "\(command) preauthkeys create --user \(ShellText.quoted(user))"
        }
        return "\(command) users create me >/dev/null && \(command) preauthkeys create --user me"
    }

    /// What makes the command line find this server.
    private var serverOptions: [String] {
        if let socket = global.socket { return ["--socket", ShellText.quoted(socket)] }
        if let file = global.configuration { return ["--config", ShellText.quoted(file)] + dataDirectory }
        return dataDirectory
    }

    private var dataDirectory: [String] {
        global.dataDirectory.map { ["--data-dir", ShellText.quoted($0)] } ?? []
    }

    /// Go clients reconnect only over TLS to a name that is not private.
    ///
    /// - Source: reference 1.7.
    private var warning: String? {
        let url = ready.configuration.serverURL
        guard url.scheme == .http, !Self.isPrivate(url.host) else { return nil }
        return
            "Clients will not be able to come back to \(url) after a break, since they insist on TLS for names that are not private: put a TLS proxy in front, or set tls_cert_path and tls_key_path, and set server_url to https://\(url.host)."
    }

    private static func isPrivate(_ host: String) -> Bool {
        if host == "localhost" { return true }
        guard let address = IPAddress(text: host) else { return false }
        let ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"].compactMap { IPPrefix(text: $0) }
        return address.isLoopback || ranges.contains { $0.contains(address) }
    }
}
