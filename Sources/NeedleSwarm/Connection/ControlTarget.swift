// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Where a control server is, as its URL says.
package struct ControlTarget: Equatable, Sendable {
    /// Whether it is spoken to through TLS, whose certificate is not looked at: Noise proves who the server is.
    package let isSecure: Bool
    /// A name or an address, without brackets.
    package let host: String
    /// The URL's, or its scheme's.
    package let port: Int

    /// A server at a host and port.
    package init(host: String, port: Int, isSecure: Bool = false) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }

    /// Reads `http://host:port` or `https://host:port`; the port may be absent, a path must be.
    ///
    /// - Throws: ``ClientError/badURL(_:)``.
    package init(url: String) throws(ClientError) {
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://") else { throw .badURL(url) }
        var rest = url.dropFirst(isSecure ? 8 : 7)
        if rest.hasSuffix("/") { rest.removeLast() }
        var host = rest
        var port = isSecure ? 443 : 80
        let afterAddress = rest.lastIndex(of: "]") ?? rest.startIndex
        if let colon = rest[afterAddress...].lastIndex(of: ":") {
            guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else { throw .badURL(url) }
            port = Int(number)
            host = rest[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains("/"), !host.contains("@") else { throw .badURL(url) }
        self.init(host: String(host), port: port, isSecure: isSecure)
    }

    /// The host's address, if it is one.
    package var address: IPAddress? { IPAddress(text: host) }

    /// Whether the host can only be this machine.
    package var isLoopback: Bool {
        guard let address else { return host == "localhost" }
        switch address.family {
        case .v4: return host.hasPrefix("127.")
        case .v6: return address == IPAddress(text: "::1")
        }
    }

    /// The URL.
    package var url: String { "\(isSecure ? "https" : "http")://\(authority)" }

    /// The host and port as HTTP writes them.
    package var authority: String {
        address?.family == .v6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
