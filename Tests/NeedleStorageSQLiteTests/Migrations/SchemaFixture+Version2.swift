// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension SchemaFixture {
    /// Roles, approved routes and the versions of policies; the samples of version 1, the deletion of policy 6, a user
    /// with another role, and a node with routes.
    static let version2 = #"""
        PRAGMA application_id = 1315204197;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES (
            '1 tailnets, users, keys, nodes'
        ), (
            '2 roles, approved routes, policies'
        );
        CREATE TABLE tailnets (
            id INTEGER PRIMARY KEY NOT NULL,
            last_user_id INTEGER NOT NULL,
            last_pre_auth_key_id INTEGER NOT NULL,
            last_node_id INTEGER NOT NULL
        , last_policy_version_id INTEGER NOT NULL DEFAULT 0) STRICT;
        INSERT INTO tailnets VALUES (
            1, 8, 7, 9, 6
        );
        CREATE TABLE users (
            tailnet INTEGER NOT NULL REFERENCES tailnets (id),
            id INTEGER NOT NULL,
            name TEXT NOT NULL,
            display_name TEXT NOT NULL,
            email TEXT NOT NULL,
            profile_pic_url TEXT NOT NULL,
            created_at TEXT NOT NULL, role TEXT NOT NULL DEFAULT 'member',
            PRIMARY KEY (tailnet, id)
        ) STRICT;
        INSERT INTO users VALUES (
            1, 1, 'user1', 'User 1', 'user1@example.com', 'https://example.com/1.png', '2023-11-14T22:13:21.12Z',
            'owner'
        ), (
            1, 2, 'user2', 'User 2', 'user2@example.com', 'https://example.com/2.png', '2023-11-14T22:13:22.12Z',
            'network-admin'
        );
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
        INSERT INTO pre_auth_keys VALUES (
            1, 1, 'c1675e0bb980', X'c1675e0bb980a575a89661fec08aa83b63f1ee08469ccdac9ff735ab278a84ba', 1, 0, 0,
            0, '[]', '2023-11-14T23:13:20.12Z', '2023-11-14T22:13:20.12Z'
        );
        INSERT INTO pre_auth_keys VALUES (
            1, 2, 'ce422f6429b3', X'ce422f6429b38683ff6c357761aef31912d452d5c11db196e4528e202d823955', NULL, 1,
            0, 0, '["tag:server"]', '2023-11-14T23:13:20.12Z', '2023-11-14T22:13:20.12Z'
        );
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
            created_at TEXT NOT NULL, approved_routes TEXT NOT NULL DEFAULT '[]',
            PRIMARY KEY (tailnet, id),
            FOREIGN KEY (tailnet, user_id) REFERENCES users (tailnet, id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        INSERT INTO nodes VALUES (
            1, 1, 'mkey:c1675e0bb980a575a89661fec08aa83b63f1ee08469ccdac9ff735ab278a84ba',
            'nodekey:ce422f6429b38683ff6c357761aef31912d452d5c11db196e4528e202d823955',
            'discokey:ed8901cf9607b8167a72cc7ff4c35ceae6f5a82d32c693d194f5d4bdd75071a1',
            'nlpub:0000000000000000000000000000000000000000000000000000000000000000',
            '["192.0.2.7:41641","[2001:db8::1]:41641"]',
            '{"IPNVersion":"1.80.2","OS":"linux","Hostname":"node-1","GoArch":"amd64"'
            || ',"Services":[{"Proto":"peerapi4","Port":41234,"Description":""}]}',
            '100.64.0.1', 'fd7a:115c:a1e0::1', 'node-1', 0, 1, '[]', 0, 'authkey', 1, 1, 113,
            '2023-11-14T22:13:20.12Z', '2023-11-15T22:13:20.12Z', '2023-11-14T22:13:20.12Z', '[]'
        );
        INSERT INTO nodes VALUES (
            1, 2, 'mkey:ce422f6429b38683ff6c357761aef31912d452d5c11db196e4528e202d823955',
            'nodekey:ed8901cf9607b8167a72cc7ff4c35ceae6f5a82d32c693d194f5d4bdd75071a1',
            'discokey:ca305f9eb9e15e52c90522f9bc3829513be4867a5491720bd00dfdef5ad14ea0',
            'nlpub:0000000000000000000000000000000000000000000000000000000000000000',
            '["192.0.2.7:41641","[2001:db8::1]:41641"]',
            '{"IPNVersion":"1.80.2","OS":"linux","Hostname":"node-2","GoArch":"amd64"'
            || ',"Services":[{"Proto":"peerapi4","Port":41234,"Description":""}]}',
            '100.64.0.2', 'fd7a:115c:a1e0::2', 'node-2', 0, NULL, '["tag:server"]', 0, 'authkey', 1, 1, 113,
            '2023-11-14T22:13:20.12Z', '2023-11-15T22:13:20.12Z', '2023-11-14T22:13:20.12Z',
            '["0.0.0.0/0","10.0.0.0/8"]'
        );
        CREATE TABLE policies (
            tailnet INTEGER NOT NULL REFERENCES tailnets (id),
            id INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            author TEXT NOT NULL,
            comment TEXT NOT NULL,
            text BLOB NOT NULL,
            PRIMARY KEY (tailnet, id)
        ) STRICT;
        INSERT INTO policies VALUES (
            1, 4, '2023-11-14T22:13:24.12Z', 'alice', 'version 4', X'7b202f2a2065766572797468696e67202a2f207d'
        ), (
            1, 5, '2023-11-14T22:13:25.12Z', 'alice', 'version 5', X'7b7d'
        );
        CREATE INDEX pre_auth_keys_by_user ON pre_auth_keys (tailnet, user_id);
        CREATE INDEX nodes_by_user ON nodes (tailnet, user_id);
        """#
}
