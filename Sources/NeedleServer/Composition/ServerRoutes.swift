// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NeedleModel
internal import NeedleTransport
internal import NeedleTypes
internal import NeedleWire

/// What the main port answers over plain HTTP, outside Noise.
struct ServerRoutes {
    let publicKey: MachineKey
    let gate: any TailnetGate
    let relayKey: NodeKey?

    /// The table for the front door.
    var table: RouteTable {
        RouteTable(
            [
                RouteTable.Route([.GET], "/key") { key($0) },
                RouteTable.Route([.GET], "/health") { _ in health() },
                RouteTable.Route([.GET], "/version") { _ in version() },
                RouteTable.Route([.POST], "/verify", bodyBytesMax: Self.verifyBytesMax) { verify($0) },
                RouteTable.Route([.GET], "/robots.txt") { _ in .now(.text(.ok, "User-agent: *\nDisallow: /")) },
                RouteTable.Route([.GET], "/") { _ in .now(.text(.ok, "This is a Needletail control server.")) },
            ] + relayRoutes
        )
    }

    /// - Source: reference 5.6: the body is capped at 4 KiB.
    private static let verifyBytesMax = 4096

    /// `GET /key?v=N`: the server's Noise key.
    ///
    /// - Source: reference 1.1. Without `v` historic clients expect text; none of them is served.
    private func key(_ request: FrontDoorRequest) -> FrontDoorAnswer {
        guard let text = request.queryValue("v"), let version = Int(text) else {
            return .now(.text(.badRequest, "say which capability version you speak: /key?v=NUMBER"))
        }
        guard version >= 39 else {
            return .now(.text(.badRequest, "capability version \(version) is too old for this protocol"))
        }
        let keys = OverTLSPublicKeyResponse(legacyPublicKey: .zero, publicKey: publicKey)
        return .now(.json(ByteBuffer(bytes: keys.json)))
    }

    private func health() -> FrontDoorAnswer {
        var answer = FrontDoorResponse.json(ByteBuffer(string: #"{"status":"pass"}"#))
        answer.headers.replaceOrAdd(name: "Content-Type", value: "application/health+json")
        return .now(answer)
    }

    private func version() -> FrontDoorAnswer {
        .now(.json(ByteBuffer(string: #"{"name":"needletail","version":"\#(ServerVersion.text)"}"#)))
    }

    /// `POST /verify`: whether a relay elsewhere should admit a node.
    private func verify(_ request: FrontDoorRequest) -> FrontDoorAnswer {
        do throws(WireError) {
            let question = try DERPAdmitClientRequest.decode(Array(buffer: request.body))
            let answer = DERPAdmitClientResponse(allow: gate.snapshot.admitsToRelay(question.nodePublic))
            return .now(.json(ByteBuffer(bytes: answer.json)))
        } catch {
            return .now(.text(.badRequest, "the request cannot be read: \(error)"))
        }
    }

    // MARK: - The relay's

    private var relayRoutes: [RouteTable.Route] {
        guard let relayKey else { return [] }
        let paths = ["/derp", "/derp/probe", "/derp/latency-check", "/generate_204"]
        return paths.map { path in
            RouteTable.Route([.GET, .HEAD, .POST], path) { request in
                guard
                    case .respond(let answer)? = RelayHTTP.answer(
                        method: request.method,
                        target: path,
                        headers: request.headers,
                        serverKey: relayKey
                    )
                else { return .now(.text(.badRequest, "this upgrade cannot be made")) }
                return .now(
                    FrontDoorResponse(
                        status: answer.status,
                        headers: answer.headers,
                        body: ByteBuffer(string: answer.body)
                    )
                )
            }
        } + [RouteTable.Route([.GET], "/bootstrap-dns") { bootstrapDNS($0) }]
    }

    /// `GET /bootstrap-dns?q=HOST`: the addresses of relay hosts, for clients whose own resolver does not work.
    ///
    /// Only addresses that the relay map states are told, so that nobody resolves other names through this server.
    private func bootstrapDNS(_ request: FrontDoorRequest) -> FrontDoorAnswer {
        let wanted = request.queryValue("q")
        var addresses: [String: [String]] = [:]
        for node in gate.snapshot.settings.derpMap.regions.values.flatMap(\.nodes)
        where wanted == nil || wanted == node.hostName {
            let known = [node.ipv4, node.ipv6].filter { IPAddress(text: $0) != nil }
            if !known.isEmpty { addresses[node.hostName, default: []] += known }
        }
        var writer = JSONWriter()
        writer.beginObject()
        for (host, list) in addresses.sorted(by: { $0.key < $1.key }) {
            writer.field(named: host)
            writer.array(list)
        }
        writer.endObject()
        return .now(.json(ByteBuffer(bytes: writer.bytes)))
    }
}

extension Tailnet {
    /// Whether the node with this key may use relays: it is known, and its key has not expired.
    func admitsToRelay(_ key: NodeKey) -> Bool {
        node(key: key).map { !$0.isExpired } ?? false
    }
}
