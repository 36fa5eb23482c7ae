// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
package import NIOHTTP1

/// Answers what the front door does not answer itself: everything but `/ts2021` and `/derp`.
package protocol FrontDoorRoutes: Sendable {
    /// How long a request's body may be; nothing for the listener's own limit.
    func bodyBytesMax(method: HTTPMethod, path: String) -> Int?

    /// Answers on the request's event loop, at once or later.
    ///
    /// A future that fails is answered 500 without the error's text.
    func respond(to request: FrontDoorRequest) -> FrontDoorAnswer
}

/// An answer, or the promise of one.
package enum FrontDoorAnswer: Sendable {
    case now(FrontDoorResponse)
    case later(EventLoopFuture<FrontDoorResponse>)
}
