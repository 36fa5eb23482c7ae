// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One value put where it does not belong, by whoever edits a database by hand.
struct CorruptRow: Sendable, CustomStringConvertible {
    let table: String
    let id: Int64
    let column: String
    /// As SQL.
    let value: String

    var description: String { "\(table).\(column) = \(value)" }

    static let all =
        [
            ("created_at", "''"), ("created_at", "'2024-13-01T00:00:00Z'"), ("role", "'king'"),
        ].map { CorruptRow(table: "users", id: 3, column: $0, value: $1) }
        + [
            ("reusable", "2"), ("used", "-1"), ("tags", "'[1]'"), ("tags", "'[\"secret\"'"), ("tags", "'{}'"),
            ("expiration", "'soon'"),
        ].map { CorruptRow(table: "pre_auth_keys", id: 5, column: $0, value: $1) }
        + [
            ("machine_key", "'mkey:00'"), ("node_key", "machine_key"), ("disco_key", "''"),
            ("network_lock_key", "'secret'"), ("endpoints", "'[\"1.2.3.4\"]'"), ("endpoints", "'[] []'"),
            ("host_info", "'{\"Hostname\":\"secret\"'"), ("host_info", "'[]'"), ("host_info", "''"),
            ("ipv4", "'1.2.3'"), ("ipv6", "''"), ("register_method", "'magic'"), ("last_seen", "'yesterday'"),
            ("expiry", "'0000'"), ("approved_routes", "'[\"10.0.0.0/33\"]'"), ("ephemeral", "9223372036854775807"),
            ("created_at", "'2024-01-01T00:00:00Z trailing'"),
        ].map { CorruptRow(table: "nodes", id: 7, column: $0, value: $1) }
        + [CorruptRow(table: "policies", id: 2, column: "created_at", value: "'today'")]
}
