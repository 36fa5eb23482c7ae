// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import NeedleModel
internal import NeedleTypes

extension AdminAPI {
    func addPolicyRoutes(to routes: some RouterMethods) {
        routes.get { request, _ in
            guard let current = policy.current() else { throw Self.noPolicy }
            return try answer(current, to: request)
        }
        routes.put { request, _ in
            let body = try await Self.policyRequest(request)
            let set = try await policy.set(body.text, author: body.author ?? "", comment: body.comment ?? "")
            return try answer(set, to: request)
        }
        routes.post("check") { request, _ in
            try policy.check(try await Self.policyRequest(request).text)
            return try JSONBody.response(NoFields())
        }
        routes.post("diff") { request, _ in
            let difference = try policy.difference(to: try await Self.policyRequest(request).text)
            return try JSONBody.response(PolicyPreviewObject(difference: difference, canBeSet: policy.canBeSet))
        }
        routes.post("explain") { request, _ in
            let body = try await JSONBody.decode(ExplainPolicyRequest.self, from: request)
            return try JSONBody.response(try policy.explain(body))
        }
        routes.post("reload") { _, _ in
            try await policy.reload()
            return try JSONBody.response(NoFields())
        }
        addPolicyVersionRoutes(to: routes)
    }

    private func addPolicyVersionRoutes(to routes: some RouterMethods) {
        routes.get("history") { _, _ in
            let tailnet = gate.snapshot
            let versions = policy.history().map { PolicyVersionObject($0, in: tailnet) }
            return try JSONBody.response(PolicyVersionObject.ListEnvelope(versions: versions))
        }
        routes.get("history/:version") { request, context in
            let id: PolicyVersionID = try IdentifierText.parse(try Self.parameter("version", context), of: "version")
            return try answer(try await policy.version(id), to: request)
        }
        routes.post("rollback") { request, _ in
            let body = try await JSONBody.decode(RollBackPolicyRequest.self, from: request)
            let id: PolicyVersionID = try IdentifierText.parse(body.version ?? "", of: "version")
            let set = try await policy.rollBack(to: id, author: body.author ?? "", comment: body.comment ?? "")
            return try answer(set, to: request)
        }
    }

    private func answer(_ current: PolicyService.Current, to request: Request) throws -> Response {
        let object = PolicyObject(current, showsVersion: Self.wantsAllFields(request), in: gate.snapshot)
        return try JSONBody.response(object)
    }

    /// Every byte of a policy may be escaped in JSON, mostly as two.
    private static func policyRequest(_ request: Request) async throws -> SetPolicyRequest {
        try await JSONBody.decode(SetPolicyRequest.self, from: request, bytesMax: 2 * PolicyText.bytesMax)
    }

    /// - Source: headscale answers 500 when none is stored; its web interfaces look for these words.
    private static let noPolicy = Problem(
        .internalServerError,
        "acl policy not found: there is no policy, so that every node may reach every node; 'needletail policy set FILE' sets one"
    )
}
