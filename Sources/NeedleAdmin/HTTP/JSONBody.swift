// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import Hummingbird
internal import NIOCore

/// JSON in requests and answers.
enum JSONBody {
    /// The largest body that is read.
    static let bytesMax = 1 << 20

    /// Reads a request's body; `empty` stands for a body that is not there.
    ///
    /// - Throws: ``Problem`` with 413 for a body that is too large, 400 for one that is not what was expected.
    static func decode<Body: Decodable>(
        _ type: Body.Type,
        from request: Request,
        empty: Body? = nil,
        bytesMax: Int = JSONBody.bytesMax
    ) async throws -> Body {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: bytesMax)
        } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "the body is larger than \(bytesMax) bytes")
        }
        guard buffer.readableBytes > 0 else {
            if let empty { return empty }
            throw Problem(.badRequest, "the body is missing; send a JSON object")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch let error as DecodingError {
            throw Problem(.badRequest, description(of: error))
        }
    }

    /// An answer with `value` as its body.
    static func response(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        contentType: String = "application/json"
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: status,
            headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value)))
        )
    }

    private static func description(of error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context) where !context.codingPath.isEmpty,
            .valueNotFound(_, let context) where !context.codingPath.isEmpty:
            "the field '\(path(context.codingPath))' has the wrong type"
        case .keyNotFound(let key, let context):
            "the field '\(path(context.codingPath + [key]))' is missing"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            "the field '\(path(context.codingPath))' is malformed: \(context.debugDescription)"
        default:
            "the body is not JSON, or not a JSON object"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
