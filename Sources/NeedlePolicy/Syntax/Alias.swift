// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What a rule names: somebody or something.
package enum Alias: Hashable, Sendable {
    case everything
    /// An e-mail address or `name@`.
    case user(String)
    /// `user:*@domain`.
    case userDomain(String)
    /// With its `group:`.
    case group(String)
    /// With its `tag:`.
    case tag(String)
    case autogroup(Autogroup)
    /// A name under `hosts`.
    case host(String)
    case addresses(AddressRange)
    /// With its `ipset:`.
    case ipset(String)
    /// With its `svc:`.
    case service(String)

    /// Reads `text`; blanks around it do not count.
    ///
    /// The order matters: `::1` is an address although it looks like a kind with a name.
    init?(_ text: some StringProtocol) {
        let text = text.trimmingBlanks
        if let range = AddressRange(text: text) {
            self = .addresses(range)
        } else if text == "*" {
            self = .everything
        } else if text.hasPrefix("user:*@") {
            self = .userDomain(String(text.dropFirst("user:*@".count)))
        } else if text.contains("@") {
            self = .user(text)
        } else if text.hasPrefix("group:") {
            self = .group(text)
        } else if text.hasPrefix("tag:") {
            self = .tag(text)
        } else if text.hasPrefix("ipset:") {
            self = .ipset(text)
        } else if text.hasPrefix("svc:") {
            self = .service(text)
        } else if text.hasPrefix("autogroup:") {
            guard let autogroup = Autogroup(rawValue: text == "autogroup:members" ? "autogroup:member" : text) else {
                return nil
            }
            self = .autogroup(autogroup)
        } else if text.hasPrefix("host:"), !text.dropFirst(5).contains(":") {
            self = .host(String(text.dropFirst(5)))
        } else if !text.isEmpty, !text.contains(":") {
            self = .host(text)
        } else {
            return nil
        }
    }

    var isAutogroup: Bool {
        if case .autogroup = self { true } else { false }
    }
}

extension Alias: CustomStringConvertible {
    /// As a policy writes it.
    package var description: String {
        switch self {
        case .everything: "*"
        case .userDomain(let domain): "user:*@\(domain)"
        case .autogroup(let autogroup): autogroup.rawValue
        case .addresses(let range): "\(range)"
        case .user(let name), .group(let name), .tag(let name), .host(let name), .ipset(let name), .service(let name):
            name
        }
    }
}

extension StringProtocol {
    /// Without the blanks at both ends.
    var trimmingBlanks: String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        let text = String(self)
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, isBlank(first) || isBlank(last) else { return text }
        let tail = bytes.drop(while: isBlank)
        return String(decoding: tail.reversed().drop(while: isBlank).reversed(), as: UTF8.self)
    }
}
