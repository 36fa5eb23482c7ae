// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// Writes the rules of one entry of `ssh`.
struct SSHRuleBuilder {
    let entry: CompiledPolicy.SSHEntry
    let action: SSHAction
    private(set) var rules: [SSHRule] = []
    private let domains: [String]
    private let users: [String: String]

    init(entry: CompiledPolicy.SSHEntry, action: SSHAction) {
        self.entry = entry
        self.action = action
        domains = entry.users.compactMap { SSHLocalpart.domain(of: $0) }
        var users = ["root": entry.users.contains("root") ? "root" : ""]
        for user in entry.users where user != "root" && SSHLocalpart.domain(of: user) == nil {
            if user == Autogroup.nonroot.rawValue { users["*"] = "=" } else { users[user] = user }
        }
        self.users = users
    }

    /// Whether whom one may log in as depends on who one is.
    var hasLocalpart: Bool { !domains.isEmpty }

    /// Adds the rule for sources with these addresses, and the one for their user's own name.
    mutating func append(_ addresses: [String], _ user: UserFacts?) {
        guard !addresses.isEmpty else { return }
        let principals = addresses.map { SSHPrincipal(nodeIP: $0) }
        append(principals, users)
        if let parts = user?.emailParts, domains.contains(where: { $0.lowercased() == parts.domain.lowercased() }) {
            append(principals, [parts.local: parts.local])
        }
    }

    private mutating func append(_ principals: [SSHPrincipal], _ users: [String: String]) {
        rules.append(SSHRule(principals: principals, sshUsers: users, action: action, acceptEnv: entry.acceptEnv))
    }
}
