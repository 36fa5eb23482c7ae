// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Where to listen: a host, which may be empty for all addresses, and a port.
///
/// - Shape: `127.0.0.1:8080`, `[::]:8080`, `localhost:8080`, `:8080`.
package struct ListenAddress: Hashable, Sendable {
    /// An address or a name, without brackets; empty for all addresses.
    package let host: String
    /// 0 lets the system choose.
    package let port: UInt16

    /// The listener at `host` and `port`.
    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads the text form; names of ports are refused, and so is IPv6 without brackets.
    package init?(text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits)
        else { return nil }
        guard let host = NetworkHost.unbracketed(text[..<colon]), host.isEmpty || NetworkHost.isValid(host)
        else { return nil }
        self.init(host: host, port: port)
    }

    /// Whether it accepts connections to every address of the machine.
    package var isWildcard: Bool { host.isEmpty || host == "0.0.0.0" || host == "::" }
}

extension ListenAddress: CustomStringConvertible {
    package var description: String { "\(NetworkHost.bracketed(host)):\(port)" }
}
