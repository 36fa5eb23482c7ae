// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Collects one whole response.
final class ResponseCollector: ResponseReceiver {
    /// A response may not be longer.
    static let bodyBytesMax = 128 << 20

    private let promise: EventLoopPromise<ClientResponse>
    private var status: Int?
    private var body = ByteBuffer()

    init(_ promise: EventLoopPromise<ClientResponse>) {
        self.promise = promise
    }

    func received(status: Int) {
        self.status = status
    }

    func received(body piece: ByteBuffer) {
        guard body.readableBytes + piece.readableBytes <= Self.bodyBytesMax else {
            promise.fail(ClientError.malformedHTTP("a body of more than \(Self.bodyBytesMax) bytes"))
            return
        }
        body.writeImmutableBuffer(piece)
    }

    func responseEnded(_ end: StreamEnd) {
        if end == .finished, let status {
            promise.succeed(ClientResponse(status: status, body: Array(buffer: body)))
        } else {
            promise.fail(ClientError.ended(end))
        }
    }
}
