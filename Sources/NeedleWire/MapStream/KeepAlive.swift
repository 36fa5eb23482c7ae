// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// The message that keeps a quiet map stream from being taken for a dead one.
///
/// Go clients give up after 120 s without a message, so one is due every 50 to 60 s.
package enum KeepAlive {
    /// A keep-alive that also tells the server's time.
    ///
    /// The time is what makes it safe: Go clients from 1.90 on learn the compressed bytes of a message that reads exactly
    /// `{"KeepAlive":true}`, and from then on swallow any message of that length (reference: protocol 4.3).
    package static func message(controlTime: Timestamp) -> [UInt8] {
        var response = MapResponse()
        response.keepAlive = true
        response.controlTime = controlTime
        return response.json
    }
}
