// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a client did that ends its connection.
///
/// What ends only a stream is no error: the client is told with RST_STREAM, and those concerned with
/// ``HTTP2ServerEvent/reset(stream:code:)``.
struct HTTP2ServerFault: Error, Equatable {
    /// What GOAWAY says.
    let code: HTTP2FaultCode
    /// A clause such as "more than 200 resets in 30 s"; GOAWAY carries it along.
    let text: String

    @inline(never)
    init(_ code: HTTP2FaultCode, _ text: String) {
        self.code = code
        self.text = text
    }
}
