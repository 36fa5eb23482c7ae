// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import AsyncHTTPClient
internal import NIOCore
internal import NeedleAdmin

extension CommandContext {
    /// Calls `body` with a client of the server that the options name.
    func withClient<Result>(
        _ global: GlobalOptions,
        _ body: (AdminClient) async throws -> Result
    ) async throws -> Result {
        let path = try ServerLocator(context: self).socketPath(global)
        guard !path.isEmpty, path.utf8.count <= AdminSocket.pathBytesMax else {
            throw CommandError(
                "the socket's path '\(path)' has \(path.utf8.count) bytes and may have 1 to \(AdminSocket.pathBytesMax)"
            )
        }
        var configuration = HTTPClient.Configuration()
        // The client has its own patience, which knows what can be tried again.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = AdminClient(socketPath: path, startPatience: startPatience, http: http)
        do {
            let result = try await body(client)
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }
}
