// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
package import Hummingbird
package import Logging
package import NeedleModel
package import NeedleTypes

/// REST v1 for one tailnet: headscale's paths and bodies over the services.
///
/// It asks for no credentials; whoever puts it where strangers can reach it adds a middleware that does.
///
/// - Source: headscale's `/api/v1` (reference 1c).
package struct AdminAPI: Sendable {
    let users: UsersService
    let preAuthKeys: PreAuthKeysService
    let nodes: NodesService
    let policy: PolicyService
    let gate: any TailnetGate
    let version: VersionObject
    let now: @Sendable () -> Timestamp
    let isStorageHealthy: @Sendable () async -> Bool

    /// What the API works on.
    ///
    /// - Parameters:
    ///   - gate: The way to the tailnet's writer.
    ///   - version: What `/version` answers.
    ///   - policy: Where the policy is kept.
    ///   - logger: What is said of policies that come into force.
    ///   - now: The wall clock.
    ///   - isStorageHealthy: Whether the database answers.
    package init(
        gate: any TailnetGate,
        version: VersionObject,
        policy: PolicyKeeping,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp,
        isStorageHealthy: @escaping @Sendable () async -> Bool = { true }
    ) {
        users = UsersService(gate: gate)
        preAuthKeys = PreAuthKeysService(gate: gate)
        nodes = NodesService(gate: gate)
        self.policy = PolicyService(gate: gate, keeping: policy, logger: logger)
        self.gate = gate
        self.version = version
        self.now = now
        self.isStorageHealthy = isStorageHealthy
    }

    /// Adds every route, below `/api/v1` and at `/version`, with errors as RFC 7807 bodies.
    package func addRoutes(to routes: some RouterMethods) {
        let routes = routes.group().add(middleware: ProblemMiddleware())
        routes.get("version") { _, _ in try JSONBody.response(version) }
        let api = routes.group("api/v1")
        addHealthRoute(to: api)
        addUserRoutes(to: api.group("user"))
        addPreAuthKeyRoutes(to: api.group("preauthkey"))
        addNodeRoutes(to: api.group("node"))
        addPolicyRoutes(to: api.group("policy"))
    }

    /// A router of its own with all routes.
    package func router() -> Router<BasicRequestContext> {
        let router = Router()
        // On the router itself too, so that unknown paths get the same kind of answer.
        router.add(middleware: ProblemMiddleware())
        addRoutes(to: router)
        return router
    }

    private func addHealthRoute(to routes: some RouterMethods) {
        routes.get("health") { _, _ in
            guard await isStorageHealthy() else {
                throw Problem(.serviceUnavailable, "the database does not answer; the server's log says why")
            }
            return try JSONBody.response(HealthObject(databaseConnectivity: true))
        }
    }

    /// A part of the path, as it was before it was percent-encoded.
    static func parameter(_ name: String, _ context: some RequestContext) throws -> String {
        let text = try context.parameters.require(name)
        guard let decoded = text.removingPercentEncoding else {
            throw Problem(.badRequest, "the path is not encoded properly")
        }
        return decoded
    }

    /// Whether the answer is to hold what headscale's objects have not: `?fields=all`.
    ///
    /// Without that answers have exactly headscale's fields, since some programs refuse others.
    static func wantsAllFields(_ request: Request) -> Bool {
        query("fields", request) == "all"
    }

    /// A value of the query; nil if it is absent or empty.
    static func query(_ name: String, _ request: Request) -> String? {
        request.uri.queryParameters.get(name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
