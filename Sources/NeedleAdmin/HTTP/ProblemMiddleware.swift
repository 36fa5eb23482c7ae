// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import Logging
internal import NeedleModel

/// Turns what handlers throw into answers of ``Problem``.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = problem(for: error, context)
            return try JSONBody.response(problem, status: problem.httpStatus, contentType: Problem.contentType)
        }
    }

    private func problem(for error: any Error, _ context: Context) -> Problem {
        switch error {
        case let error as ModelError: return Problem(error)
        case let error as HTTPError: return Problem(error)
        case let error as Problem: return error
        case is CancellationError: return Problem(.serviceUnavailable, "the server stops; ask again when it is back")
        default:
            // The asker learns nothing of the inside; the log does.
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return Problem(.internalServerError, "the server failed to answer; its log says why")
        }
    }
}
