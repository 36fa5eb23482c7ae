// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import NeedleModel
internal import NeedleTypes

extension AdminAPI {
    func addNodeRoutes(to routes: some RouterMethods) {
        addNodeReadingRoutes(to: routes)
        routes.delete(":id") { _, context in
            try await nodes.delete(try Self.nodeID(context))
            return try JSONBody.response(NoFields())
        }
        routes.post(":id/rename/:name") { _, context in
            let id = try Self.nodeID(context)
            let name = try Self.parameter("name", context)
            do {
                return try answer(try await nodes.rename(id, to: name))
            } catch let error as ModelError where error.code == .conflict {
                // headscale answers 400 to a node's name that is taken, though 409 to a user's.
                throw Problem(.badRequest, error.message)
            }
        }
        routes.post(":id/tags") { request, context in
            let id = try Self.nodeID(context)
            let body = try await JSONBody.decode(TagNodeRequest.self, from: request)
            return try answer(try await nodes.setTags(of: id, to: body.tags ?? []))
        }
        routes.post(":id/approve_routes") { request, context in
            let id = try Self.nodeID(context)
            let body = try await JSONBody.decode(ApproveRoutesRequest.self, from: request)
            return try answer(try await nodes.approveRoutes(of: id, try body.prefixes()))
        }
        routes.post(":id/expire") { request, context in
            let id = try Self.nodeID(context)
            let body = try await JSONBody.decode(ExpireNodeRequest.self, from: request, empty: ExpireNodeRequest())
            return try answer(try await nodes.setExpiry(of: id, to: try expiry(asked: body)))
        }
    }

    private func addNodeReadingRoutes(to routes: some RouterMethods) {
        routes.get { request, _ in
            let found = try nodes.list(userNamed: Self.query("user", request))
            let tailnet = gate.snapshot
            let objects = found.map { NodeObject($0, taggedUser: .taggedDevices, in: tailnet) }
            return try JSONBody.response(NodeObject.ListEnvelope(nodes: objects))
        }
        routes.get(":id") { _, context in
            try answer(try nodes.node(try Self.nodeID(context)))
        }
    }

    private func answer(_ node: NodeVersion) throws -> Response {
        try JSONBody.response(NodeObject.Envelope(node: NodeObject(node, in: gate.snapshot)))
    }

    private func expiry(asked body: ExpireNodeRequest) throws(ModelError) -> Timestamp? {
        if body.disableExpiry == true {
            guard body.expiry == nil else {
                throw ModelError(.invalid, "expiry and disableExpiry exclude each other; send one of them")
            }
            return nil
        }
        return body.expiry ?? now()
    }

    private static func nodeID(_ context: some RequestContext) throws -> NodeID {
        try IdentifierText.parse(try parameter("id", context), of: "node")
    }
}
