// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel
internal import NeedleTypes
internal import NeedleWire

extension ControlRouter {
    /// `POST /machine/map`: a stream, a lite update, or a single map (reference 3.1).
    func map(_ request: InnerRequest, on exchange: InnerExchange) {
        let body: MapRequest
        do throws(WireError) {
            body = try MapRequest.decode(Array(buffer: request.body))
        } catch {
            return exchange.refuse(400, "the map request cannot be read: \(error)")
        }
        if let refusal = refusal(of: min(body.version, request.peer.version)) { return exchange.refuse(400, refusal) }
        guard let node = gate.snapshot.node(key: body.nodeKey), node.record.machineKey == request.peer.noiseKey else {
            // One sentence for both, so that nobody learns which node keys exist.
            return exchange.refuse(404, "this machine has no node with this key here; log in again")
        }
        if body.stream {
            openStream(of: node, body, on: exchange)
        } else if body.omitPeers {
            update(node, body)
            exchange.respond(status: 200, contentType: nil, body: ByteBuffer())
        } else {
            if !body.readOnly { update(node, body) }
            sendOneMap(to: node, body, on: exchange)
        }
    }

    private func update(_ node: NodeVersion, _ body: MapRequest) {
        let update = NodeUpdate(body)
        // Most lite updates say nothing new; those need not trouble the writer.
        guard update.changes(node.record) else { return }
        gate.submit(UpdateNode(node: node.record.id, update: update)) { _ in }
    }

    private func openStream(of node: NodeVersion, _ body: MapRequest, on exchange: InnerExchange) {
        let id = node.record.id
        let loop = exchange.eventLoop
        let gate = self.gate
        let hub = self.hub
        let isCompressed = body.wantsZstandard
        gate.submit(OpenMapStream(node: id, update: NodeUpdate(body))) { result in
            loop.execute {
                switch result {
                case .failure(let error):
                    exchange.refuse(error.code == .unavailable ? 503 : 404, error.message)
                case .success(let generation):
                    hub.streams(on: loop)?.add(
                        MapSession(viewer: id, generation: generation),
                        on: exchange,
                        isCompressed: isCompressed
                    )
                }
            }
        }
    }

    private func sendOneMap(to node: NodeVersion, _ body: MapRequest, on exchange: InnerExchange) {
        guard let streams = hub.streams(on: exchange.eventLoop) else { return exchange.refuse(503, "try again") }
        let snapshot = TailnetSnapshot(gate.snapshot)
        guard let difference = MapDifference(everythingFor: node.record.id, in: snapshot) else {
            return exchange.refuse(404, "this node was deleted; log in again")
        }
        exchange.respond(
            status: 200,
            contentType: nil,
            body: streams.message(for: difference, isCompressed: body.wantsZstandard)
        )
    }
}
