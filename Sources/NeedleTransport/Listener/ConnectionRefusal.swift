// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// Answers a connection over a limit in its own protocol, as soon as that is known, and closes it.
enum ConnectionRefusal {
    /// A fatal TLS alert, `internal_error`: the nearest that TLS has to "try again later".
    ///
    /// - Source: RFC 8446 section 6.
    static let tlsAlert: [UInt8] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 80]

    /// Says why in the protocol of `kind`, then closes.
    static func refuse(_ channel: any Channel, kind: FirstByteSniffer.Kind, admission: ConnectionLedger.Admission) {
        let bytes =
            switch kind {
            case .tls: ByteBuffer(bytes: tlsAlert)
            case .plain: ByteBuffer(string: answer(to: admission))
            }
        channel.writeAndFlush(bytes).whenComplete { _ in channel.close(promise: nil) }
    }

    /// The whole answer to a plain HTTP client.
    static func answer(to admission: ConnectionLedger.Admission) -> String {
        let (status, text) =
            admission == .fullForAddress
            ? ("429 Too Many Requests", "too many connections from your address\n")
            : ("503 Service Unavailable", "too many connections; try again later\n")
        return """
            HTTP/1.1 \(status)\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(text.utf8.count)\r
            Retry-After: 10\r
            Connection: close\r
            \r
            \(text)
            """
    }
}
