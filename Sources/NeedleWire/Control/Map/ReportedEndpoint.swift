// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// An endpoint as a client reports it, which may be one that is of no use to others.
///
/// Go writes an endpoint that it lacks as an empty text, and one of a link-local address with its zone.
struct ReportedEndpoint: JSONReadable {
    /// The endpoint, or nothing if it is empty or has a zone.
    let endpoint: Endpoint?

    init(from reader: inout JSONReader) throws(WireError) {
        let text = try reader.string(max: WireLimits.shortStringBytesMax)
        if text.isEmpty || text.utf8.contains(UInt8(ascii: "%")) {
            endpoint = nil
        } else if let endpoint = Endpoint(text: text) {
            self.endpoint = endpoint
        } else {
            throw reader.failure(.invalidValue, "expected address:port")
        }
    }
}
