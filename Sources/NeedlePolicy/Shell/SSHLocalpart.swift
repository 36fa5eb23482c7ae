// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The form `localpart:*@domain` among the users of an SSH rule.
enum SSHLocalpart {
    /// The domain; nothing if the text is another form, which is then a user's name like any other.
    static func domain(of user: String) -> String? {
        guard user.hasPrefix("localpart:*@") else { return nil }
        let domain = String(user.dropFirst("localpart:*@".count))
        return domain.isEmpty || domain.contains("@") ? nil : domain
    }
}
