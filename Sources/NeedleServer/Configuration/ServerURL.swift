// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The address that clients use: a scheme and a host, perhaps a port, and nothing else.
///
/// A path would be lost, since clients put their own in its place; so none is accepted.
///
/// - Shape: `https://control.example.com`, `http://127.0.0.1:8080`.
package struct ServerURL: Hashable, Sendable {
    /// How clients talk to the server, or to the proxy before it.
    package enum Scheme: String, Sendable {
        case http
        case https

        /// The port when the URL names none.
        package var defaultPort: UInt16 { self == .https ? 443 : 80 }
    }

    /// `http` or `https`.
    package let scheme: Scheme
    /// A name or an address, lower-case, without brackets.
    package let host: String
    /// The port, if the URL names one.
    package let explicitPort: UInt16?

    /// The default for a server that listens on loopback.
    package static let local = ServerURL(scheme: .http, host: "127.0.0.1", explicitPort: 8080)

    /// The URL with these parts.
    package init(scheme: Scheme, host: String, explicitPort: UInt16?) {
        self.scheme = scheme
        self.host = host.lowercased()
        self.explicitPort = explicitPort
    }

    /// Where a server that listens at `address` is reached from its own machine.
    ///
    /// All addresses become loopback, since a URL cannot name them.
    package init(derivedFrom address: ListenAddress) {
        let host = address.isWildcard ? (address.host == "::" ? "::1" : "127.0.0.1") : address.host
        self.init(scheme: .http, host: host, explicitPort: address.port)
    }

    /// Reads the text form; a final slash is allowed, a path, user, query or fragment is not.
    package init?(text: String) {
        guard let separator = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
        else { return nil }
        var authority = text[separator.upperBound...]
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        guard authority.utf8.count <= NetworkHost.maximumNameLength + 8 else { return nil }
        let hasPort = authority.last != "]" && authority.contains(":")
        let full = hasPort ? String(authority) : "\(authority):\(scheme.defaultPort)"
        guard let address = ListenAddress(text: full), !address.host.isEmpty, address.port > 0 else { return nil }
        self.init(scheme: scheme, host: address.host, explicitPort: hasPort ? address.port : nil)
    }

    /// The port that clients connect to.
    package var port: UInt16 { explicitPort ?? scheme.defaultPort }
}

extension ServerURL: CustomStringConvertible {
    package var description: String {
        "\(scheme.rawValue)://\(NetworkHost.bracketed(host))" + (explicitPort.map { ":\($0)" } ?? "")
    }
}
