// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NeedleModel
import NeedleTypes
import NeedleWire

extension BenchmarkSuite {
    /// JSON of the control protocol.
    static let wire = BenchmarkSuite(name: "wire") { suite in
        suite.register(
            benchmark: Subject("encode a peer", operations: 100, make: WireFixture.init) { fixture in
                for _ in 0..<100 { keep(fixture.peer.json.count) }
            }
        )
        suite.register(
            benchmark: Subject("decode a map request that opens a stream", operations: 100, make: WireFixture.init) {
                for _ in 0..<100 { keep(try MapRequest.decode($0.streamRequest).version) }
            }
        )
        suite.register(
            benchmark: Subject("decode a map request with endpoints only", operations: 100, make: WireFixture.init) {
                for _ in 0..<100 { keep(try MapRequest.decode($0.endpointsRequest).version) }
            }
        )
    }
}

/// A peer as the model shows it, and requests as a Linux client sends them.
final class WireFixture {
    let peer: Node
    let streamRequest: [UInt8]
    let endpointsRequest: [UInt8]

    init() throws {
        let population = Population(nodes: 1)
        guard let node = population.tailnet.node(NodeID(1)) else { throw MissingNode() }
        peer = try Node.decode(node.peerJSON)
        var request = MapRequest()
        request.version = .current
        request.compress = "zstd"
        request.keepAlive = true
        request.nodeKey = node.record.nodeKey
        request.discoKey = node.record.soft.discoKey
        request.stream = true
        request.endpoints = node.record.soft.endpoints
        request.endpointTypes = [2, 1]
        endpointsRequest = request.json
        request.hostinfo = Self.hostinfo
        streamRequest = request.json
    }

    private static var hostinfo: Hostinfo {
        var hostinfo = Hostinfo()
        hostinfo.ipnVersion = "1.90.4-t6b3b4a8c1-g5d2f5d1a2"
        hostinfo.backendLogID = String(repeating: "5a", count: 32)
        hostinfo.os = "linux"
        hostinfo.osVersion = "6.1.0-38-amd64"
        hostinfo.distro = "debian"
        hostinfo.distroVersion = "12.11"
        hostinfo.distroCodeName = "bookworm"
        hostinfo.hostname = "build-host-17"
        hostinfo.machine = "x86_64"
        hostinfo.goArch = "amd64"
        hostinfo.goVersion = "go1.25.3"
        hostinfo.services = [
            Service(proto: "peerapi4", port: 41234), Service(proto: "peerapi6", port: 41234),
            Service(proto: "peerapi-dns-proxy", port: 1),
        ]
        hostinfo.userspace = false
        hostinfo.userspaceRouter = false
        var netInfo = NetInfo()
        netInfo.mappingVariesByDestIP = false
        netInfo.workingIPv6 = true
        netInfo.osHasIPv6 = true
        netInfo.workingUDP = true
        netInfo.preferredDERP = 999
        netInfo.derpLatency = ["999-v4": 0.0123, "999-v6": 0.0145]
        netInfo.firewallMode = "nft-forced"
        hostinfo.netInfo = netInfo
        return hostinfo
    }
}
