// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The values that somebody gave, each under its key and with its origin; the rest are defaults.
struct GivenValues {
    /// One value.
    struct Value {
        /// The value as written.
        let node: YAMLNode
        /// Where.
        let origin: ConfigurationFinding.Origin
    }

    private var values: [String: Value] = [:]

    /// The value of the key, if somebody gave one.
    subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Whether somebody gave a value for the key; a key without one does not count.
    func contains(_ name: String) -> Bool {
        values[name].map { $0.node.content != .null } ?? false
    }

    /// Where the key's value comes from.
    func origin(_ name: String) -> ConfigurationFinding.Origin { values[name]?.origin ?? .none }
}
