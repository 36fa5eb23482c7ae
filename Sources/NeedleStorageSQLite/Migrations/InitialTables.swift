// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB

/// Version 1: users, pre-auth keys and nodes of any number of tailnets.
///
/// Names are close to headscale's (reference 1j). Uniqueness of names, keys and addresses is the model's affair, and no
/// index repeats it: a batch may let two rows swap a name, which an index would refuse between the two statements.
/// Owners are checked when a commit ends, so that the order within it does not matter. A node may outlive the key it
/// joined with, so `auth_key_id` refers to nothing.
enum InitialTables {
    static func migrate(_ database: Database) throws {
        try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        try database.execute(sql: tailnets)
        try database.execute(sql: users)
        try database.execute(sql: preAuthKeys)
        try database.execute(sql: nodes)
    }

    private static let tailnets = """
        CREATE TABLE tailnets (
            id INTEGER PRIMARY KEY NOT NULL,
            last_user_id INTEGER NOT NULL,
            last_pre_auth_key_id INTEGER NOT NULL,
            last_node_id INTEGER NOT NULL
        ) STRICT;
        """

    private static let users = """
        CREATE TABLE users (
            tailnet INTEGER NOT NULL REFERENCES tailnets (id),
            id INTEGER NOT NULL,
            name TEXT NOT NULL,
            display_name TEXT NOT NULL,
            email TEXT NOT NULL,
            profile_pic_url TEXT NOT NULL,
            created_at TEXT NOT NULL,
            PRIMARY KEY (tailnet, id)
        ) STRICT;
        """

    private static let preAuthKeys = """
        CREATE TABLE pre_auth_keys (
            tailnet INTEGER NOT NULL REFERENCES tailnets (id),
            id INTEGER NOT NULL,
            prefix TEXT NOT NULL,
            hash BLOB NOT NULL,
            user_id INTEGER,
            reusable INTEGER NOT NULL,
            ephemeral INTEGER NOT NULL,
            used INTEGER NOT NULL,
            tags TEXT NOT NULL,
            expiration TEXT,
            created_at TEXT NOT NULL,
            PRIMARY KEY (tailnet, id),
            FOREIGN KEY (tailnet, user_id) REFERENCES users (tailnet, id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        CREATE INDEX pre_auth_keys_by_user ON pre_auth_keys (tailnet, user_id);
        """

    private static let nodes = """
        CREATE TABLE nodes (
            tailnet INTEGER NOT NULL REFERENCES tailnets (id),
            id INTEGER NOT NULL,
            machine_key TEXT NOT NULL,
            node_key TEXT NOT NULL,
            disco_key TEXT NOT NULL,
            network_lock_key TEXT NOT NULL,
            endpoints TEXT NOT NULL,
            host_info TEXT NOT NULL,
            ipv4 TEXT,
            ipv6 TEXT,
            given_name TEXT NOT NULL,
            renamed INTEGER NOT NULL,
            user_id INTEGER,
            tags TEXT NOT NULL,
            ephemeral INTEGER NOT NULL,
            register_method TEXT NOT NULL,
            auth_key_id INTEGER,
            home_derp INTEGER NOT NULL,
            capability_version INTEGER NOT NULL,
            last_seen TEXT,
            expiry TEXT,
            created_at TEXT NOT NULL,
            PRIMARY KEY (tailnet, id),
            FOREIGN KEY (tailnet, user_id) REFERENCES users (tailnet, id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        CREATE INDEX nodes_by_user ON nodes (tailnet, user_id);
        """
}
