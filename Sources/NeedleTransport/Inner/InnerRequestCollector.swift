// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK

/// A request whose body has not come completely; apart from its stream, which outlives it by far.
final class InnerRequestCollector {
    private let method: String
    private let target: RequestTarget
    private let headers: HPACKHeaders
    private let share: BodyBudget.Share
    private(set) var body = ByteBuffer()

    init(method: String, target: RequestTarget, headers: HPACKHeaders, share: BodyBudget.Share) {
        self.method = method
        self.target = target
        self.headers = headers
        self.share = share
    }

    /// Adds to the body; false if all unfinished bodies together would be too much.
    func append(_ bytes: ByteBuffer) -> Bool {
        guard share.grow(by: bytes.readableBytes) else { return false }
        // A copy: the piece would keep all that was read with it.
        body.writeImmutableBuffer(bytes)
        return true
    }

    /// The request as its router gets it.
    func request(by peer: InnerPeer) -> InnerRequest {
        InnerRequest(
            method: method,
            path: target.path,
            query: target.query,
            headers: headers,
            body: body,
            peer: peer
        )
    }
}
