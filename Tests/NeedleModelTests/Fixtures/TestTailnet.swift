// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleSwarm
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

/// A tailnet under a clock that the test moves, with commands applied one by one.
struct TestTailnet {
    var engine: TailnetEngine
    var now = Timestamp(seconds: 1_800_000_000)
    private var random: SeededRandom

    init(
        seed: UInt64 = 1,
        stored: StoredTailnet = StoredTailnet(),
        configure: (inout TailnetSettings) -> Void = { _ in }
    ) {
        random = SeededRandom(seed: seed)
        var settings = TailnetSettings(
            prefixV4: IPPrefix(text: "100.64.0.0/10"),
            prefixV6: IPPrefix(text: "fd7a:115c:a1e0::/48"),
            baseDomain: "example.internal",
            domain: "example.org",
            dns: DNSConfig(domains: ["example.internal"], proxied: true),
            derpMap: DERPMap()
        )
        configure(&settings)
        engine = TailnetEngine(
            id: TailnetID(1),
            settings: settings,
            stored: stored,
            now: now,
            random: SeededRandom(seed: seed)
        )
    }

    var tailnet: Tailnet { engine.tailnet }

    /// Applies one command as a batch of its own; the batch is what storage would be given.
    @discardableResult
    mutating func run<C: Command>(_ command: C) throws(ModelError) -> C.Reply {
        try perform(command).reply.get()
    }

    mutating func perform<C: Command>(_ command: C) -> (reply: Result<C.Reply, ModelError>, batch: StoreBatch) {
        var transaction = engine.begin(now: now, random: random)
        random = SeededRandom(seed: random.next())
        let reply = transaction.run(command)
        let batch = transaction.seal()
        engine.accept(transaction)
        return (reply, batch)
    }

    /// Moves the clock and does what is due.
    mutating func advance(by duration: Duration) {
        now = now + duration
        var transaction = engine.begin(now: now, random: random)
        _ = transaction.seal()
        engine.accept(transaction)
    }

    mutating func user(_ name: String) throws -> UserID {
        try run(CreateUser(name: name)).id
    }

    mutating func key(
        _ user: UserID?,
        reusable: Bool = true,
        ephemeral: Bool = false,
        tags: [String] = [],
        expiration: Timestamp? = nil
    ) throws -> String {
        try run(
            CreatePreAuthKey(
                user: user,
                isReusable: reusable,
                isEphemeral: ephemeral,
                tags: tags,
                expiration: expiration
            )
        ).secret.secretText
    }

    mutating func newMachine() -> MachineKey { newKey() }
    mutating func newNodeKey() -> NodeKey { newKey() }
    mutating func newDiscoKey() -> DiscoKey { newKey() }

    private mutating func newKey<Role>() -> PublicKey<Role> {
        let bytes = (0..<32).map { _ in UInt8.random(in: 1...255, using: &random) }
        return PublicKey(bytes: bytes) ?? .zero
    }

    /// Joins and returns the node.
    mutating func join(
        machine: MachineKey? = nil,
        nodeKey: NodeKey? = nil,
        oldNodeKey: NodeKey = .zero,
        hostname: String = "host",
        authKey: String?,
        expiry: Timestamp = .zero,
        configure: (inout RegisterRequest) -> Void = { _ in }
    ) throws(ModelError) -> Registration.Outcome {
        var request = RegisterRequest()
        request.version = .current
        request.nodeKey = nodeKey ?? newNodeKey()
        request.oldNodeKey = oldNodeKey
        request.auth = authKey.map { RegisterRequestAuth(authKey: $0) }
        request.expiry = expiry
        var hostinfo = Hostinfo()
        hostinfo.hostname = hostname
        hostinfo.os = "linux"
        request.hostinfo = hostinfo
        configure(&request)
        return try run(RegisterNode(Registration(machineKey: machine ?? newMachine(), request: request)))
    }

    /// Joins a node that must be accepted.
    mutating func joined(
        machine: MachineKey? = nil,
        nodeKey: NodeKey? = nil,
        hostname: String = "host",
        authKey: String
    ) throws -> NodeVersion {
        try #require(
            try join(machine: machine, nodeKey: nodeKey, hostname: hostname, authKey: authKey).acceptedNode
        )
    }
}

extension Registration.Outcome {
    var acceptedNode: NodeVersion? {
        if case .accepted(let node, _) = self { node } else { nil }
    }

    var isKeyExpired: Bool {
        if case .keyExpired = self { true } else { false }
    }
}

extension MapDifference {
    /// The message as a client reads it.
    func message() throws -> MapResponse {
        var json: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .own(let bytes): json += bytes
            case .shared(_, let make): json += make()
            }
        }
        return try MapResponse.decode(json)
    }
}

/// A change concerned a viewer that it was said not to concern.
struct OverlookedViewer: Error {
    let node: NodeID
    let step: String
}

/// The bytes of every shared piece so far: equal keys must have equal bytes.
struct PieceLedger {
    struct Clash: Error {
        let key: String
        let first: String
        let second: String
    }

    private var bytes: [MapPiece.Key: [UInt8]] = [:]

    mutating func check(_ difference: MapDifference) throws(Clash) {
        for case .shared(let key, let make) in difference.pieces {
            let made = make()
            let known = bytes.updateValue(made, forKey: key) ?? made
            guard known == made else {
                throw Clash(
                    key: "\(key)",
                    first: String(decoding: known, as: UTF8.self),
                    second: String(decoding: made, as: UTF8.self)
                )
            }
        }
    }
}

/// A client with an open stream.
struct TestClient {
    let node: NodeID
    var session: MapSession
    var map = ClientMap()
    var messages = 0
    var isFinished = false

    /// Opens a stream for `node`.
    init(_ node: NodeID, in tailnet: inout TestTailnet, update: NodeUpdate = NodeUpdate()) throws {
        self.node = node
        session = MapSession(viewer: node, generation: try tailnet.run(OpenMapStream(node: node, update: update)))
    }

    /// Receives whatever it must be told.
    mutating func receive(_ tailnet: Tailnet) throws {
        var ledger = PieceLedger()
        try receive(tailnet, &ledger)
    }

    /// Receives whatever it must be told; its shared pieces go into `ledger`.
    mutating func receive(_ tailnet: Tailnet, _ ledger: inout PieceLedger) throws {
        if isFinished { return }
        let snapshot = TailnetSnapshot(tailnet)
        if let slot = session.slot, let known = session.revision,
            let viewers = tailnet.recentChanges.viewers(since: known), !viewers.contains(slot)
        {
            // Such a session is not looked at, so there must be nothing to tell it.
            var other = session
            let step = other.step(to: snapshot)
            guard case .none = step else { throw OverlookedViewer(node: node, step: "\(step)") }
            session.skip(to: tailnet.revision)
            return
        }
        switch session.step(to: snapshot) {
        case .none: break
        case .send(let difference):
            messages += 1
            try ledger.check(difference)
            try map.apply(difference.message())
        case .finish(let last):
            isFinished = true
            if let last { try map.apply(last.message()) }
        }
    }
}
