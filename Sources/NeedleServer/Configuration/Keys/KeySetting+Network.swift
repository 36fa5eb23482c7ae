// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

// Kinds of key that name addresses.

extension KeySetting {
    /// The URL that clients use.
    static func serverURL(_ property: any ConfigurationProperty<ServerURL>) -> KeySetting {
        parsed(property, shape: "URL") { text throws(KeyProblem) in
            guard let url = ServerURL(text: text) else {
                throw KeyProblem(
                    "\(KeyProblem.quote(text)) is not a URL of a scheme, a host and perhaps a port",
                    "write http:// or https:// and a host, such as https://control.example.com"
                )
            }
            return url
        } render: {
            $0.description
        }
    }

    /// A listener that must be there.
    static func listener(_ property: any ConfigurationProperty<ListenAddress>) -> KeySetting {
        parsed(property, shape: "host:port") { text throws(KeyProblem) in
            try listenAddress(text)
        } render: {
            $0.description
        }
    }

    /// A listener that an empty text turns off.
    static func listener(_ property: any ConfigurationProperty<ListenAddress?>) -> KeySetting {
        parsed(property, shape: "host:port or empty") { text throws(KeyProblem) in
            text.isEmpty ? nil : try listenAddress(text)
        } render: {
            $0?.description ?? ""
        }
    }

    private static func listenAddress(_ text: String) throws(KeyProblem) -> ListenAddress {
        guard let address = ListenAddress(text: text) else {
            throw KeyProblem(
                "\(KeyProblem.quote(text)) is not host:port",
                "write such as 127.0.0.1:8080, [::1]:8080, or :8080 for all addresses"
            )
        }
        return address
    }

    /// A range of addresses of one family; empty for none.
    static func prefix(_ property: any ConfigurationProperty<IPPrefix?>, _ family: IPAddress.Family) -> KeySetting {
        let example = family == .v4 ? "100.64.0.0/10" : "fd7a:115c:a1e0::/48"
        return parsed(property, shape: "IPv\(family.rawValue) prefix or empty") { text throws(KeyProblem) in
            guard !text.isEmpty else { return nil }
            guard let prefix = IPPrefix(text: text), prefix.address.family == family else {
                throw KeyProblem("\(KeyProblem.quote(text)) is not an IPv\(family.rawValue) prefix", "write \(example)")
            }
            return prefix
        } render: {
            $0?.description ?? ""
        }
    }

    /// The address of a relay: empty, `none`, or an address of the family.
    static func relayAddress(_ property: any ConfigurationProperty<String>, _ family: IPAddress.Family) -> KeySetting {
        parsed(property, shape: "IPv\(family.rawValue) address, none or empty") { text throws(KeyProblem) in
            guard !text.isEmpty, text != "none" else { return text }
            guard let address = IPAddress(text: text), address.family == family else {
                throw KeyProblem(
                    "\(KeyProblem.quote(text)) is not an IPv\(family.rawValue) address",
                    "write an address, none if the relay has no such address, or nothing"
                )
            }
            return address.description
        } render: {
            $0
        }
    }

    /// Ranges of addresses whose word is taken.
    static func prefixes(_ property: any ConfigurationProperty<[IPPrefix]>) -> KeySetting {
        KeySetting(
            shape: "list of prefixes",
            assign: { input, configuration throws(KeyProblem) in
                var prefixes: [IPPrefix] = []
                for text in try texts(input.node) { prefixes.append(try prefix(text)) }
                configuration[keyPath: property] = prefixes
            },
            render: { $0[keyPath: property].map(\.description).joined(separator: ", ") }
        )
    }

    private static func prefix(_ text: String) throws(KeyProblem) -> IPPrefix {
        if let prefix = IPPrefix(text: text) { return prefix }
        if let address = IPAddress(text: text) {
            throw KeyProblem("\(KeyProblem.quote(text)) has no length", "write \(IPPrefix(single: address))")
        }
        throw KeyProblem("\(KeyProblem.quote(text)) is not a prefix", "write address/length, such as 10.0.0.0/8")
    }
}
