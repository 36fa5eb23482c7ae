// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import NeedleWire

/// A tailnet of many nodes under a clock that stands still, with commands applied one by one.
///
/// As in a server, the newest snapshot is held by somebody else too, so that a change copies what it must.
final class Population {
    private(set) var engine: TailnetEngine
    private(set) var snapshot: Tailnet
    private var random = SeededRandom(seed: 1)
    private static let now = Timestamp(seconds: 1_700_000_000)
    private static let users = 100

    init(nodes: Int) {
        engine = Self.engine(restoring: Self.stored(nodes: nodes))
        snapshot = engine.tailnet
    }

    var tailnet: Tailnet { engine.tailnet }

    /// What storage would give of so many nodes, spread over the users.
    static func stored(nodes: Int) -> StoredTailnet {
        var stored = StoredTailnet()
        stored.users = (1...Int64(users)).map(StoreSamples.user)
        if nodes > 0 {
            stored.nodes = (1...Int64(nodes)).map {
                NodeSample.record($0, user: 1 + $0 % Int64(users), at: now)
            }
        }
        return stored
    }

    static func engine(restoring stored: StoredTailnet) -> TailnetEngine {
        TailnetEngine(
            id: TailnetID(1),
            settings: TailnetSettings(
                prefixV4: IPPrefix(text: "100.64.0.0/10"),
                prefixV6: IPPrefix(text: "fd7a:115c:a1e0::/48"),
                baseDomain: "example.internal",
                domain: "example.org",
                dns: DNSConfig(domains: ["example.internal"], proxied: true),
                derpMap: DERPMap()
            ),
            stored: stored,
            now: now,
            random: SeededRandom(seed: 1)
        )
    }

    /// Applies one command as a batch of its own and publishes the result.
    @discardableResult
    func run<C: Command>(_ command: C) throws -> C.Reply {
        try run([command])[0]
    }

    /// Applies commands as one batch and publishes the result.
    @discardableResult
    func run<C: Command>(_ commands: [C]) throws -> [C.Reply] {
        var transaction = engine.begin(now: Self.now, random: random)
        random = SeededRandom(seed: random.next())
        let replies = try commands.map { try transaction.run($0).get() }
        keep(transaction.seal().rowCount)
        engine.accept(transaction)
        snapshot = engine.tailnet
        return replies
    }

    /// A key that lets any number of nodes in.
    func authKey() throws -> String {
        try run(
            CreatePreAuthKey(user: UserID(1), isReusable: true, isEphemeral: false, tags: [], expiration: nil)
        ).secret.secretText
    }

    /// A key that nothing has yet.
    func newKey<Role>() -> PublicKey<Role> {
        NodeSample.key(&random)
    }
}

/// A fixture lacks a node that it should have.
struct MissingNode: Error {}
