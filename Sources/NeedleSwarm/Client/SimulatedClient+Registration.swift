// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleNoise
package import NeedleTypes
package import NeedleWire

extension SimulatedClient {
    /// The time that Go clients send to log out.
    package static let logoutExpiry = Timestamp(seconds: 123)

    /// Registers the node, and returns the answer whatever it says.
    ///
    /// - Parameters:
    ///   - authKey: instead of the client's own; empty for none.
    ///   - followup: the URL of an earlier answer, whose outcome is waited for.
    ///   - expiry: when the key is to expire.
    ///   - timeLimit: longer for followups, which servers hold back.
    /// - Returns: the answer.
    /// - Throws: ``ClientError/refused(status:text:)`` for a status other than 200.
    package func register(
        authKey: String? = nil,
        followup: String = "",
        expiry: Timestamp = .zero,
        timeLimit: Duration? = nil
    ) async throws -> RegisterResponse {
        var request = registration(authKey: authKey)
        request.followup = followup
        request.expiry = expiry
        return try await register(request, timeLimit: timeLimit)
    }

    /// Makes any registration.
    package func register(_ request: RegisterRequest, timeLimit: Duration? = nil) async throws -> RegisterResponse {
        let response = try await post(request.json, to: "/machine/register", timeLimit: timeLimit)
        do throws(WireError) {
            return try RegisterResponse.decode(response.body)
        } catch {
            throw ClientError.malformed(error)
        }
    }

    /// The registration that ``register(authKey:followup:expiry:timeLimit:)`` makes, for a test to change.
    package func registration(authKey: String? = nil) -> RegisterRequest {
        var request = options.registerRequest(keys)
        if let authKey { request.auth = authKey.isEmpty ? nil : RegisterRequestAuth(authKey: authKey) }
        return request
    }

    /// Registers a new node key in place of the old one, and keeps it if the server accepts.
    @discardableResult
    package func rotateNodeKey(authKey: String? = nil) async throws -> RegisterResponse {
        var random = SystemRandomNumberGenerator()
        var next = keys
        try next.replaceNode(.generate(using: &random))
        var request = registration(authKey: authKey)
        request.oldNodeKey = request.nodeKey
        request.nodeKey = next.nodeKey
        let response = try await register(request)
        if response.isAcceptance { replaceKeys(next) }
        return response
    }

    /// Logs out.
    @discardableResult
    package func logout() async throws -> RegisterResponse {
        try await register(authKey: "", expiry: Self.logoutExpiry)
    }

    /// Connects, registers and opens a map stream.
    ///
    /// - Throws: ``ClientError/registrationRefused(_:)``, ``ClientError/needsLogin(url:)``, and what each step throws.
    package func join() async throws -> SimulatedMapStream {
        try await connect()
        let response = try await register()
        guard response.error.isEmpty else { throw ClientError.registrationRefused(response.error) }
        guard response.authURL.isEmpty else { throw ClientError.needsLogin(url: response.authURL) }
        guard response.isAcceptance else { throw ClientError.registrationRefused("the node key has expired") }
        return try await startMap()
    }
}

extension RegisterResponse {
    /// Whether the node may now use the tailnet with the key that it registered.
    package var isAcceptance: Bool { error.isEmpty && authURL.isEmpty && !nodeKeyExpired }
}
