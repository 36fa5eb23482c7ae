// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleSwarm
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

/// Random events in a tailnet, with clients that receive at random moments.
struct RandomWorld {
    private let seed: UInt64
    private var random: SeededRandom
    private var tailnet: TestTailnet
    private var users: [UserID] = []
    private var clients: [TestClient] = []
    private var count = 0
    private var ledger = PieceLedger()

    init(seed: UInt64) {
        self.seed = seed
        random = SeededRandom(seed: seed)
        // In every other world, lists of sources are divided as those of large tailnets are.
        tailnet = TestTailnet(seed: seed) { settings in
            if seed.isMultiple(of: 2) { settings.sourceBands = SourceBandLayout(width: Int(seed / 2 % 3) + 1) }
        }
    }

    /// Lets one thing happen, and some clients receive.
    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25: try join()
        case 25..<40: try update()
        case 40..<48: try closeStream()
        case 48..<56: try reopenStream()
        case 56..<62: try rename()
        case 62..<68: try expire()
        case 68..<74: try delete()
        case 74..<78: try tag()
        case 78..<82: try renameUser()
        case 82..<85: try rotate()
        case 85..<88: try setPolicy()
        case 88..<91: try advertise()
        case 91..<93: try approve()
        case 93..<94: try setRole()
        default: tailnet.advance(by: .seconds(Int.random(in: 1...30, using: &random)))
        }
        for index in clients.indices where Bool.random(using: &random) {
            try clients[index].receive(tailnet.tailnet, &ledger)
        }
    }

    /// Every client receives what it lacks, and then knows what a fresh connection is told.
    mutating func checkAll() throws {
        for index in clients.indices {
            try clients[index].receive(tailnet.tailnet, &ledger)
            if clients[index].isFinished { continue }
            let snapshot = TailnetSnapshot(tailnet.tailnet)
            let difference = try #require(MapDifference(everythingFor: clients[index].node, in: snapshot))
            var fresh = ClientMap()
            try fresh.apply(difference.message())
            // Users that are no longer seen are not taken back; nothing refers to them.
            let needed = Set(fresh.peers.values.map(\.user) + [fresh.node?.user].compactMap(\.self))
            for user in needed {
                #expect(clients[index].map.profiles[user] == fresh.profiles[user], "seed \(seed)")
            }
            let differing = clients[index].map.differences(to: fresh)
            #expect(differing.isEmpty, "seed \(seed)")
            #expect(clients[index].map.filter == fresh.filter, "seed \(seed)")
            #expect(clients[index].map.sshPolicy?.rules ?? [] == fresh.sshPolicy?.rules ?? [], "seed \(seed)")
            #expect(clients[index].map.node?.allowedIPs == fresh.node?.allowedIPs, "seed \(seed)")
            #expect(clients[index].map.node?.primaryRoutes == fresh.node?.primaryRoutes, "seed \(seed)")
            #expect(clients[index].map.node?.addresses == fresh.node?.addresses, "seed \(seed)")
            #expect(clients[index].map.node?.capMap == fresh.node?.capMap, "seed \(seed)")
            #expect(clients[index].map.node?.name == fresh.node?.name, "seed \(seed)")
            #expect(clients[index].map.node?.key == fresh.node?.key, "seed \(seed)")
            #expect(clients[index].map.node?.keyExpiry == fresh.node?.keyExpiry, "seed \(seed)")
        }
    }

    // MARK: - Events

    private mutating func pickNode() -> NodeVersion? {
        Array(tailnet.tailnet.nodes.all).randomElement(using: &random)
    }

    private mutating func join() throws {
        if users.isEmpty || Int.random(in: 0..<5, using: &random) == 0 {
            users.append(try tailnet.user("user\(users.count)"))
        }
        let isTagged = Int.random(in: 0..<4, using: &random) == 0
        let key = try tailnet.key(
            isTagged ? nil : users.randomElement(using: &random),
            ephemeral: Bool.random(using: &random),
            tags: isTagged ? ["tag:t\(Int.random(in: 0..<3, using: &random))"] : []
        )
        count += 1
        let node = try tailnet.joined(hostname: "host\(count % 7)", authKey: key)
        clients.append(
            try TestClient(node.record.id, in: &tailnet, update: NodeUpdate(discoKey: tailnet.newDiscoKey()))
        )
    }

    private mutating func update() throws {
        guard let node = pickNode() else { return }
        var hostinfo = node.record.soft.hostinfo
        if Bool.random(using: &random) { hostinfo.hostname = "renamed\(Int.random(in: 0..<5, using: &random))" }
        var netInfo = NetInfo()
        netInfo.preferredDERP = Int.random(in: 1...3, using: &random)
        hostinfo.netInfo = netInfo
        let ports = (0..<Int.random(in: 0...2, using: &random)).map { _ in UInt16.random(in: 1...9, using: &random) }
        let endpoints = ports.compactMap { Endpoint(text: "192.0.2.1:\($0)") }
        try tailnet.run(UpdateNode(node: node.record.id, update: NodeUpdate(hostinfo: hostinfo, endpoints: endpoints)))
    }

    private mutating func closeStream() throws {
        guard let client = clients.randomElement(using: &random) else { return }
        try tailnet.run(CloseMapStream(node: client.node, generation: client.session.generation))
        clients.removeAll { $0.node == client.node && $0.session.generation == client.session.generation }
    }

    private mutating func reopenStream() throws {
        guard let node = pickNode() else { return }
        clients.append(try TestClient(node.record.id, in: &tailnet))
    }

    private mutating func rename() throws {
        guard let node = pickNode() else { return }
        count += 1
        try tailnet.run(RenameNode(node: node.record.id, newName: "named\(count)"))
    }

    private mutating func expire() throws {
        guard let node = pickNode() else { return }
        let expiry: Timestamp? =
            Int.random(in: 0..<3, using: &random) == 0
            ? nil : tailnet.now + .seconds(Int.random(in: -5...40, using: &random))
        try tailnet.run(ExpireNode(node: node.record.id, expiry: expiry))
    }

    private mutating func delete() throws {
        guard let node = pickNode() else { return }
        try tailnet.run(DeleteNode(node: node.record.id))
    }

    private mutating func tag() throws {
        guard let node = pickNode() else { return }
        try tailnet.run(TagNode(node: node.record.id, tags: ["tag:x"]))
    }

    private mutating func renameUser() throws {
        guard let user = users.randomElement(using: &random) else { return }
        count += 1
        try tailnet.run(RenameUser(user: user, newName: "renamed-user\(count)"))
    }

    private mutating func setPolicy() throws {
        let text = try #require(RandomWorld.policies.randomElement(using: &random))
        let policy = try Policy(text: Array(text.utf8))
        try tailnet.run(SetPolicy(policy, origin: .version(author: "", comment: "")))
    }

    private mutating func advertise() throws {
        guard let node = pickNode() else { return }
        var hostinfo = node.record.soft.hostinfo
        hostinfo.routableIPs = randomRoutes()
        try tailnet.run(UpdateNode(node: node.record.id, update: NodeUpdate(hostinfo: hostinfo)))
    }

    private mutating func approve() throws {
        guard let node = pickNode() else { return }
        try tailnet.run(ApproveRoutes(node: node.record.id, routes: randomRoutes()))
    }

    private mutating func randomRoutes() -> [IPPrefix] {
        ["10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/16", "0.0.0.0/0"].filter { _ in Bool.random(using: &random) }
            .compactMap { IPPrefix(text: $0) }
    }

    private mutating func setRole() throws {
        guard let user = users.randomElement(using: &random), let role = UserRole.allCases.randomElement(using: &random)
        else { return }
        _ = tailnet.perform(SetUserRole(user: user, role: role))
    }

    private mutating func rotate() throws {
        guard let node = pickNode() else { return }
        let key =
            node.record.isTagged
            ? try tailnet.key(nil, tags: node.record.tags) : try tailnet.key(node.record.user)
        _ = try tailnet.joined(
            machine: node.record.machineKey,
            nodeKey: tailnet.newNodeKey(),
            hostname: node.record.soft.hostinfo.hostname,
            authKey: key
        )
    }
}

extension ClientMap {
    /// The fields in which peers differ, short enough to be read.
    func differences(to other: ClientMap) -> [String] {
        var found: [String] = []
        for id in Set(peers.keys).union(other.peers.keys).sorted() {
            let mine = peers[id].map(Self.fields) ?? ["absent"]
            let theirs = other.peers[id].map(Self.fields) ?? ["absent"]
            if mine != theirs {
                found.append(
                    "node \(id): \(mine.filter { !theirs.contains($0) }) / \(theirs.filter { !mine.contains($0) })"
                )
            }
        }
        return found
    }

    private static func fields(of node: Node) -> [String] {
        Mirror(reflecting: node).children.map { "\($0.label ?? ""): \($0.value)" }
    }
}
