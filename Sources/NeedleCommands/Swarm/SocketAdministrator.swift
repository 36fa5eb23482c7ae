// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import AsyncHTTPClient
internal import NeedleAdmin
internal import NeedleTypes

/// Makes users and keys through the socket of a Needletail server.
struct SocketAdministrator: FleetAdministrator {
    let client: AdminClient
    let requestsMax = 32

    /// Calls `body` with an administrator of the server behind a socket.
    static func with<Result>(
        socket path: String,
        patience: Duration,
        _ body: (SocketAdministrator) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = AdminClient(socketPath: path, startPatience: patience, http: http)
        do {
            let result = try await body(SocketAdministrator(client: client))
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    func users() async throws -> [String: String] {
        let answer: UserObject.ListEnvelope = try await client.get(RequestPath("user"))
        return Dictionary(answer.users.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    func makeUser(_ name: String, email: String?) async throws -> String {
        let request = CreateUserRequest(name: name, email: email)
        let answer: UserObject.Envelope = try await client.post(RequestPath("user"), request)
        return answer.user.id
    }

    func makeKey(user: String?, tags: [String]) async throws -> String {
        let request = CreatePreAuthKeyRequest(
            user: user,
            reusable: true,
            ephemeral: false,
            expiration: nil,
            aclTags: tags
        )
        let answer: PreAuthKeyObject.Envelope = try await client.post(RequestPath("preauthkey"), request)
        return answer.preAuthKey.key
    }
}
