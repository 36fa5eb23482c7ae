// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How the value of a key is read from YAML into a configuration, and written out again.
///
/// A row of the table names one of the kinds below with the property that it sets.
struct KeySetting: Sendable {
    /// What a value is read with.
    struct Input: Sendable {
        /// The value.
        let node: YAMLNode
        /// What relative paths start from; nothing leaves them as they are.
        let directory: String?
    }

    /// What the value looks like, in a few words.
    let shape: String
    /// Whether messages must not repeat the value.
    var isSecret = false
    /// Whether text from the environment is YAML or JSON, rather than the value itself.
    var isStructured = false
    /// Reads the value, or says what is wrong with it.
    let assign: @Sendable (Input, inout Configuration) throws(KeyProblem) -> Void
    /// The value as text.
    let render: @Sendable (Configuration) -> String
}

/// A property of the configuration.
typealias ConfigurationProperty<Value> = WritableKeyPath<Configuration, Value> & Sendable

// MARK: - Kinds

extension KeySetting {
    /// Any value, parsed by `parse` from a single text.
    static func parsed<Value>(
        _ property: any ConfigurationProperty<Value>,
        shape: String,
        parse: @escaping @Sendable (String) throws(KeyProblem) -> Value,
        render: @escaping @Sendable (Value) -> String
    ) -> KeySetting {
        KeySetting(
            shape: shape,
            assign: { input, configuration throws(KeyProblem) in
                configuration[keyPath: property] = try parse(try singleText(input.node))
            },
            render: { render($0[keyPath: property]) }
        )
    }
}

extension KeySetting {
    /// A value that is not read, since the key alone is wrong.
    static let nothing = KeySetting(
        shape: "",
        assign: { _, _ throws(KeyProblem) in },
        render: { _ in "" }
    )
}
