// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB

/// Version 2: roles of users, approved routes of nodes, and the versions of each tailnet's policy.
///
/// Who was the first user of a tailnet becomes its owner, as a new tailnet's first user does. A policy's text stands
/// last in its row, so that the list of versions is read without the texts.
enum PolicyTables {
    static func migrate(_ database: Database) throws {
        try database.execute(sql: roles)
        try database.execute(sql: "ALTER TABLE nodes ADD COLUMN approved_routes TEXT NOT NULL DEFAULT '[]'")
        try database.execute(sql: policies)
    }

    private static let roles = """
        ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
        UPDATE users SET role = 'owner'
            WHERE id = (SELECT min(first.id) FROM users AS first WHERE first.tailnet = users.tailnet);
        """

    private static let policies = """
        ALTER TABLE tailnets ADD COLUMN last_policy_version_id INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE policies (
            tailnet INTEGER NOT NULL REFERENCES tailnets (id),
            id INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            author TEXT NOT NULL,
            comment TEXT NOT NULL,
            text BLOB NOT NULL,
            PRIMARY KEY (tailnet, id)
        ) STRICT;
        """
}
