// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NeedleAdmin

/// Talks REST v1 to the server behind a unix socket.
struct AdminClient: Sendable {
    /// The largest answer that is taken: some 100,000 nodes.
    private static let answerBytesMax = 256 << 20
    private static let answerTimeout = TimeAmount.seconds(60)
    /// How long to wait between attempts to reach a server that is starting.
    private static let pause = Duration.milliseconds(50)

    let socketPath: String
    let startPatience: Duration
    let http: HTTPClient

    /// Answers `GET`.
    func get<Answer: Decodable>(_ path: RequestPath) async throws -> Answer {
        try await send(.GET, path, body: nil)
    }

    /// Answers `DELETE`.
    func delete<Answer: Decodable>(_ path: RequestPath) async throws -> Answer {
        try await send(.DELETE, path, body: nil)
    }

    /// Answers `POST` without a body.
    func post<Answer: Decodable>(_ path: RequestPath) async throws -> Answer {
        try await send(.POST, path, body: nil)
    }

    /// Answers `POST` with a body.
    func post<Answer: Decodable>(_ path: RequestPath, _ body: some Encodable) async throws -> Answer {
        try await send(.POST, path, body: try JSONEncoder().encode(body))
    }

    /// Answers `PUT` with a body.
    func put<Answer: Decodable>(_ path: RequestPath, _ body: some Encodable) async throws -> Answer {
        try await send(.PUT, path, body: try JSONEncoder().encode(body))
    }

    private func send<Answer: Decodable>(_ method: HTTPMethod, _ path: RequestPath, body: Data?) async throws -> Answer
    {
        var request = HTTPClientRequest(url: "http+unix://\(RequestPath.encoded(socketPath))\(path.text)")
        request.method = method
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await execute(request)
        let answer: Data
        do {
            answer = Data(try await response.body.collect(upTo: Self.answerBytesMax).readableBytesView)
        } catch {
            throw CommandError("the server at '\(socketPath)' broke off its answer (\(error)); try again")
        }
        guard (200..<300).contains(response.status.code) else {
            throw refusal(status: response.status, answer)
        }
        do {
            return try JSONDecoder().decode(Answer.self, from: answer)
        } catch {
            throw CommandError(
                "the server at '\(socketPath)' answered something unknown; check that it and this program are of one version"
            )
        }
    }

    /// Sends the request; while nobody listens, tries again until the patience is over.
    private func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let clock = ContinuousClock()
        let end = clock.now + startPatience
        while true {
            do {
                return try await http.execute(request, timeout: Self.answerTimeout)
            } catch let error as IOError where [ENOENT, ECONNREFUSED].contains(error.errnoCode) {
                // Nothing was sent yet, so trying again cannot do anything twice.
                guard clock.now < end else { throw notRunning() }
                try await Task.sleep(for: Self.pause, clock: clock)
            } catch let error as IOError where [EACCES, EPERM].contains(error.errnoCode) {
                throw CommandError(
                    "no permission to use the socket '\(socketPath)'; run this as the server's user, for example with sudo"
                )
            } catch let error as HTTPClientError where error == .deadlineExceeded {
                throw CommandError(
                    "the server at '\(socketPath)' did not answer within \(Self.answerTimeout.nanoseconds / 1_000_000_000) seconds; its log may say why"
                )
            } catch {
                throw CommandError("cannot talk to the server at '\(socketPath)': \(error)")
            }
        }
    }

    private func notRunning() -> CommandError {
        CommandError(
            """
            no server answers at the socket '\(socketPath)'; start one with 'needletail serve', or say which one is meant \
            with --socket, --config or --data-dir
            """
        )
    }

    private func refusal(status: HTTPResponseStatus, _ answer: Data) -> CommandError {
        guard let problem = try? JSONDecoder().decode(Problem.self, from: answer) else {
            return CommandError("the server at '\(socketPath)' answered \(status.code) \(status.reasonPhrase)")
        }
        return CommandError(problem.detail)
    }
}
