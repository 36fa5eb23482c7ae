// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension RandomWorld {
    /// Policies that differ in everything that a client is told; the users and tags are those of the random events.
    static let policies = [
        "{}",
        #"{"acls": []}"#,
        // Users, groups, tags and hosts, as most policies are.
        #"""
        {
            "groups": {"group:a": ["user0@", "user1@"], "group:b": ["user2@", "user1@"]},
            "tagOwners": {"tag:t0": [], "tag:t1": [], "tag:t2": [], "tag:x": []},
            "hosts": {"lan": "10.0.0.0/24"},
            "acls": [
                {"action": "accept", "src": ["group:a"], "dst": ["tag:t0:22,80", "group:b:*", "lan:443"]},
                {"action": "accept", "src": ["tag:t0"], "dst": ["tag:t1:*"]},
                {"action": "accept", "src": ["user2@"], "proto": "udp", "dst": ["*:53"]},
                {"action": "accept", "src": ["10.0.1.0/24"], "dst": ["tag:x:*"]},
            ],
            "ssh": [{"action": "accept", "src": ["group:a"], "dst": ["tag:t1"], "users": ["root", "autogroup:nonroot"]}],
        }
        """#,
        // The same with one group changed, so that most of it stays.
        #"""
        {
            "groups": {"group:a": ["user0@", "user3@"], "group:b": ["user2@", "user1@"]},
            "tagOwners": {"tag:t0": [], "tag:t1": [], "tag:t2": [], "tag:x": []},
            "hosts": {"lan": "10.0.0.0/24"},
            "acls": [
                {"action": "accept", "src": ["group:a"], "dst": ["tag:t0:22,80", "group:b:*", "lan:443"]},
                {"action": "accept", "src": ["tag:t0"], "dst": ["tag:t1:*"]},
                {"action": "accept", "src": ["user2@"], "proto": "udp", "dst": ["*:53"]},
                {"action": "accept", "src": ["10.0.1.0/24"], "dst": ["tag:x:*"]},
            ],
            "autoApprovers": {"routes": {"10.0.0.0/16": ["tag:t0"]}, "exitNode": ["tag:t1"]},
            "ssh": [{"action": "accept", "src": ["group:b"], "dst": ["tag:t1"], "users": ["root"]}],
        }
        """#,
        // Everybody's own devices, roles, routers by tag, capabilities, attributes.
        #"""
        {
            "tagOwners": {"tag:t0": [], "tag:t1": [], "tag:x": []},
            "grants": [
                {"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["*"]},
                {"src": ["autogroup:admin"], "dst": ["tag:t0"], "ip": ["tcp:22"]},
                {"src": ["autogroup:member"], "dst": ["10.0.0.0/24"], "ip": ["*"], "via": ["tag:t0"]},
                {"src": ["autogroup:member"], "dst": ["10.0.0.0/24"], "ip": ["*"], "via": ["tag:x"]},
                {"src": ["user1@"], "dst": ["autogroup:internet"], "ip": ["*"]},
                {"src": ["tag:x"], "dst": ["tag:t1"], "app": {"example.com/cap/thing": [{"a": 1}]}},
                {"src": ["user0@"], "dst": ["tag:x"], "app": {"tailscale.com/cap/drive": [{"shares": ["*"]}]}},
            ],
            "nodeAttrs": [
                {"target": ["tag:t1"], "attr": ["disable-ipv4"]},
                {"target": ["autogroup:admin"], "attr": ["funnel"]},
            ],
            "ssh": [
                {"action": "check", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot"]},
            ],
            "randomizeClientPort": true,
        }
        """#,
    ]
}
