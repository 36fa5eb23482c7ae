// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
internal import NeedleSwarm
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@Suite struct MapSessionTests {
    @Test("the first message holds everything, the next only what changed")
    func fullThenDelta() throws {
        var tailnet = TestTailnet()
        let key = try tailnet.key(try tailnet.user("alice"))
        let first = try tailnet.joined(hostname: "first", authKey: key)
        var client = try TestClient(first.record.id, in: &tailnet)
        try client.receive(tailnet.tailnet)
        #expect(client.map.node?.name == "first.example.internal.")
        #expect(client.map.peers.isEmpty)
        #expect(Array(client.map.filter.values.joined()).count == 1)
        #expect(client.map.dns?.proxied == true)
        let second = try tailnet.joined(hostname: "second", authKey: key)
        try client.receive(tailnet.tailnet)
        #expect(client.map.peers.keys.sorted() == [second.record.id])
        #expect(client.map.peers[second.record.id]?.online == false)
        try client.receive(tailnet.tailnet)
        #expect(client.messages == 2)
    }

    @Test("coming online, going offline after the grace period")
    func online() throws {
        var tailnet = TestTailnet()
        let key = try tailnet.key(try tailnet.user("alice"))
        let first = try tailnet.joined(authKey: key).record.id
        let second = try tailnet.joined(authKey: key).record.id
        var watcher = try TestClient(first, in: &tailnet)
        try watcher.receive(tailnet.tailnet)
        let other = try TestClient(second, in: &tailnet)
        try watcher.receive(tailnet.tailnet)
        #expect(watcher.map.peers[second]?.online == true)
        try tailnet.run(CloseMapStream(node: second, generation: other.session.generation))
        try watcher.receive(tailnet.tailnet)
        #expect(watcher.map.peers[second]?.online == true)
        tailnet.advance(by: .seconds(9))
        try watcher.receive(tailnet.tailnet)
        #expect(watcher.map.peers[second]?.online == true)
        tailnet.advance(by: .seconds(1))
        try watcher.receive(tailnet.tailnet)
        #expect(watcher.map.peers[second]?.online == false)
        #expect(watcher.map.peers[second]?.lastSeen == tailnet.now + .seconds(-10))
    }

    @Test("a stream that comes back within the grace period is not noticed by others")
    func grace() throws {
        var tailnet = TestTailnet()
        let key = try tailnet.key(try tailnet.user("alice"))
        let first = try tailnet.joined(authKey: key).record.id
        let second = try tailnet.joined(authKey: key).record.id
        var watcher = try TestClient(first, in: &tailnet)
        let old = try TestClient(second, in: &tailnet)
        try watcher.receive(tailnet.tailnet)
        let before = watcher.messages
        try tailnet.run(CloseMapStream(node: second, generation: old.session.generation))
        tailnet.advance(by: .seconds(5))
        _ = try TestClient(second, in: &tailnet)
        tailnet.advance(by: .seconds(30))
        try watcher.receive(tailnet.tailnet)
        #expect(watcher.messages == before)
        #expect(watcher.map.peers[second]?.online == true)
    }

    @Test("a newer stream ends the older, whose close then changes nothing")
    func superseded() throws {
        var tailnet = TestTailnet()
        let key = try tailnet.key(try tailnet.user("alice"))
        let node = try tailnet.joined(authKey: key).record.id
        var old = try TestClient(node, in: &tailnet)
        try old.receive(tailnet.tailnet)
        var new = try TestClient(node, in: &tailnet)
        try old.receive(tailnet.tailnet)
        try new.receive(tailnet.tailnet)
        #expect(old.isFinished)
        #expect(!new.isFinished)
        try tailnet.run(CloseMapStream(node: node, generation: old.session.generation))
        tailnet.advance(by: .seconds(60))
        #expect(tailnet.tailnet.node(node)?.isOnline == true)
    }

    @Test("a deleted node is told that its key expired, and its stream ends; peers forget it")
    func deleted() throws {
        var tailnet = TestTailnet()
        let key = try tailnet.key(try tailnet.user("alice"))
        let first = try tailnet.joined(authKey: key).record.id
        let second = try tailnet.joined(authKey: key).record.id
        var one = try TestClient(first, in: &tailnet)
        var two = try TestClient(second, in: &tailnet)
        try one.receive(tailnet.tailnet)
        try two.receive(tailnet.tailnet)
        try tailnet.run(DeleteNode(node: second))
        try one.receive(tailnet.tailnet)
        try two.receive(tailnet.tailnet)
        #expect(one.map.peers.isEmpty)
        #expect(two.isFinished)
        #expect(try #require(two.map.node?.keyExpiry) < tailnet.now)
    }

    @Test("an expired node stays listed without addresses to route, and sees nobody itself")
    func expired() throws {
        var tailnet = TestTailnet()
        let key = try tailnet.key(try tailnet.user("alice"))
        let first = try tailnet.joined(authKey: key).record.id
        let second = try tailnet.joined(authKey: key).record.id
        var one = try TestClient(first, in: &tailnet)
        var two = try TestClient(second, in: &tailnet)
        try one.receive(tailnet.tailnet)
        try two.receive(tailnet.tailnet)
        try tailnet.run(ExpireNode(node: second, expiry: tailnet.now))
        try one.receive(tailnet.tailnet)
        try two.receive(tailnet.tailnet)
        #expect(one.map.peers[second]?.expired == true)
        #expect(one.map.peers[second]?.allowedIPs == [])
        #expect(two.map.peers.isEmpty)
        #expect(Array(two.map.filter.values.joined()).isEmpty)
        #expect(try #require(two.map.node?.keyExpiry) <= tailnet.now)
        try tailnet.run(ExpireNode(node: second, expiry: nil))
        try one.receive(tailnet.tailnet)
        try two.receive(tailnet.tailnet)
        #expect(one.map.peers[second]?.allowedIPs?.count == 2)
        #expect(two.map.peers.keys.sorted() == [first])
        #expect(two.map.filter["base"] != nil)
    }

    @Test("endpoints, home relay, key and expiry travel as patches")
    func patches() throws {
        var tailnet = TestTailnet()
        let user = try tailnet.user("alice")
        let key = try tailnet.key(user)
        let first = try tailnet.joined(authKey: key).record.id
        let machine = tailnet.newMachine()
        let second = try tailnet.joined(machine: machine, authKey: key).record.id
        var one = try TestClient(first, in: &tailnet)
        _ = try TestClient(second, in: &tailnet)
        try one.receive(tailnet.tailnet)
        var hostinfo = try #require(tailnet.tailnet.node(second)).record.soft.hostinfo
        var netInfo = NetInfo()
        netInfo.preferredDERP = 999
        hostinfo.netInfo = netInfo
        let endpoint = try #require(Endpoint(text: "192.0.2.1:41641"))
        try tailnet.run(
            UpdateNode(node: second, update: NodeUpdate(hostinfo: hostinfo, endpoints: [endpoint]))
        )
        let newKey = tailnet.newNodeKey()
        _ = try tailnet.joined(machine: machine, nodeKey: newKey, authKey: key)
        try tailnet.run(ExpireNode(node: second, expiry: tailnet.now + .seconds(60)))
        guard case .send(let difference) = one.session.step(to: TailnetSnapshot(tailnet.tailnet)) else {
            Issue.record("nothing to send")
            return
        }
        let message = try difference.message()
        #expect(message.peersChanged == nil)
        let patch = try #require(message.peersChangedPatch.first)
        #expect(patch.endpoints == [endpoint])
        #expect(patch.derpRegion == 999)
        #expect(patch.key == newKey)
        #expect(patch.keyExpiry == tailnet.now + .seconds(60))
    }

    @Test(
        "after any sequence of events every client's map equals that of a fresh connection",
        arguments: UInt64(1)...40
    )
    func convergence(seed: UInt64) throws {
        var world = RandomWorld(seed: seed)
        for _ in 0..<120 { try world.step() }
        try world.checkAll()
    }
}
