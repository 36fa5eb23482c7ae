// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleTypes
internal import NeedleWire

extension InlineGate {
    /// Does a command and returns its reply.
    package func perform<C: Command>(_ command: C) throws(ModelError) -> C.Reply {
        var result: Result<C.Reply, ModelError> = .failure(ModelError(.unavailable, "the gate did not answer"))
        submitInPlace(command) { result = $0 }
        return try result.get()
    }

    /// The user with this name, made if need be.
    package func user(named name: String) throws(ModelError) -> UserRecord {
        if let user = snapshot.user(named: name) { return user }
        return try perform(CreateUser(name: name))
    }

    /// Lets a machine join as a node of `user`, or tagged, with a key of its own for one use.
    ///
    /// `routes` are those that it offers.
    package func join(
        _ hostname: String,
        user name: String?,
        tags: [String] = [],
        routes: [IPPrefix] = []
    ) throws(ModelError) -> NodeVersion {
        let owner: UserID? = if let name { try user(named: name).id } else { nil }
        let created = try perform(
            CreatePreAuthKey(user: owner, isReusable: false, isEphemeral: false, tags: tags, expiration: nil)
        )
        let number = snapshot.nodes.count + 1
        var request = RegisterRequest()
        request.version = CapabilityVersion(130)
        request.nodeKey = Self.key(number, role: 1)
        request.auth = RegisterRequestAuth(authKey: created.secret.secretText)
        var hostinfo = Hostinfo()
        hostinfo.hostname = hostname
        hostinfo.routableIPs = routes
        request.hostinfo = hostinfo
        let outcome = try perform(
            RegisterNode(Registration(machineKey: Self.key(number, role: 2), request: request))
        )
        guard case .accepted(let node, _) = outcome else {
            throw ModelError(.refused, "the node was not let in: \(outcome)")
        }
        return node
    }

    /// Keys that differ by number and role; nobody has their private halves.
    private static func key<Role: KeyRole>(_ number: Int, role: UInt8) -> PublicKey<Role> {
        let bytes = [role] + (0..<31).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) }
        return PublicKey(bytes: bytes) ?? .zero
    }
}
