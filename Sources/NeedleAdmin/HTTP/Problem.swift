// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import NeedleModel

/// The body of every refusal.
///
/// - Source: RFC 7807, with the members that headscale's REST v1 uses.
package struct Problem: Codable, Error, Hashable, Sendable {
    /// The status in words.
    package let title: String
    package let status: Int
    /// A sentence for the person who asked.
    package let detail: String
}

extension Problem {
    static let contentType = "application/problem+json"

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.init(title: status.reasonPhrase, status: status.code, detail: detail)
    }

    /// The one place where refusals of the model get their HTTP status.
    ///
    /// - Source: headscale's `mapError` for 404, 400 and 409; it has no 503.
    init(_ error: ModelError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .notFound: .notFound
            case .conflict: .conflict
            case .invalid, .refused: .badRequest
            case .exhausted: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
            case .unavailable: .serviceUnavailable
            }
        self.init(status, error.message)
    }

    init(_ error: HTTPError) {
        let fallback =
            switch error.status {
            case .notFound: "there is nothing at this path"
            case .contentTooLarge: "the body is larger than the server takes"
            default: "the request was refused"
            }
        self.init(error.status, error.body ?? fallback)
    }

    var httpStatus: HTTPResponse.Status { HTTPResponse.Status(code: status) }
}
