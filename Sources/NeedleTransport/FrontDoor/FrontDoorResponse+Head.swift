// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHTTP1

extension FrontDoorResponse {
    /// What every answer tells browsers: no framing, no guessing of types, no referrers.
    static let securityHeaders: [(String, String)] = [
        ("X-Frame-Options", "DENY"),
        ("Content-Security-Policy", "frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]

    /// Whether no header field would end early; otherwise a route has let foreign text into one.
    var isSendable: Bool {
        headers.allSatisfy { name, value in
            !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
                && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
        }
    }

    /// The head to send: the route's own fields, then security, length and connection fields.
    ///
    /// A route's own `Content-Security-Policy` is kept if it speaks of `frame-ancestors` itself.
    func head(keepAlive: Bool) -> HTTPResponseHead {
        var fields = headers
        for (name, value) in Self.securityHeaders {
            if name == "Content-Security-Policy", let own = fields.first(name: name) {
                guard !own.contains("frame-ancestors") else { continue }
                fields.replaceOrAdd(name: name, value: own + "; " + value)
            } else {
                fields.replaceOrAdd(name: name, value: value)
            }
        }
        fields.remove(name: "Transfer-Encoding")
        fields.remove(name: "Content-Length")
        if status != .noContent, status != .notModified {
            fields.add(name: "Content-Length", value: String(body.readableBytes))
        }
        fields.replaceOrAdd(name: "Connection", value: keepAlive ? "keep-alive" : "close")
        return HTTPResponseHead(version: .http1_1, status: status, headers: fields)
    }
}
