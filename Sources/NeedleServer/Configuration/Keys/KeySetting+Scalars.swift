// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

// Kinds of key with a single value.

extension KeySetting {
    /// The text of a scalar; nothing stands for empty text.
    static func singleText(_ node: YAMLNode) throws(KeyProblem) -> String {
        switch node.content {
        case .text(let text): return text
        case .null: return ""
        case .list, .mapping:
            throw KeyProblem("\(node.kindName) where a single value belongs", "write the value behind the colon")
        }
    }

    /// `true` or `false`.
    static func flag(_ property: any ConfigurationProperty<Bool>) -> KeySetting {
        parsed(property, shape: "true or false") { text throws(KeyProblem) in
            switch text.lowercased() {
            case "true", "t", "1": return true
            case "false", "f", "0": return false
            default: throw KeyProblem("\(KeyProblem.quote(text)) is neither true nor false", "write true or false")
            }
        } render: {
            String($0)
        }
    }

    /// Any text.
    static func text(_ property: any ConfigurationProperty<String>) -> KeySetting {
        parsed(property, shape: "text", parse: { $0 }, render: { $0 })
    }

    /// Text that no message repeats.
    static func secret(_ property: any ConfigurationProperty<ConfigurationSecret>) -> KeySetting {
        var setting = parsed(property, shape: "secret text", parse: { ConfigurationSecret($0) }, render: \.description)
        setting.isSecret = true
        return setting
    }

    /// A whole number within `range`.
    static func number(_ property: any ConfigurationProperty<Int>, _ range: ClosedRange<Int>) -> KeySetting {
        let shape = "number from \(range.lowerBound) to \(range.upperBound)"
        return parsed(property, shape: shape) { text throws(KeyProblem) in
            guard let number = Int(text), range.contains(number) else {
                throw KeyProblem(
                    "\(KeyProblem.quote(text)) is not a whole number in the range",
                    "write a number from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return number
        } render: {
            String($0)
        }
    }

    /// A duration with units.
    static func duration(_ property: any ConfigurationProperty<Duration>) -> KeySetting {
        parsed(property, shape: "duration") { text throws(KeyProblem) in
            guard let duration = DurationText.parse(text) else {
                throw KeyProblem(
                    "\(KeyProblem.quote(text)) is not a duration",
                    "write a number with a unit, such as 30m, 1h30m, 180d, or 0, and at most a hundred years"
                )
            }
            return duration
        } render: {
            DurationText.render($0)
        }
    }

    /// One of the names of `Value`, in any case, or one of its other names.
    static func choice<Value>(
        _ property: any ConfigurationProperty<Value>,
        otherNames: [String: Value] = [:]
    ) -> KeySetting
    where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue)
        return parsed(property, shape: names.joined(separator: ", ")) { text throws(KeyProblem) in
            let lowercased = text.lowercased()
            let named = Value.allCases.first { $0.rawValue.lowercased() == lowercased }
            guard let value = named ?? otherNames[lowercased] else {
                throw KeyProblem(
                    "\(KeyProblem.quote(text)) is not one of the choices",
                    "write one of \(names.joined(separator: ", "))"
                )
            }
            return value
        } render: {
            $0.rawValue
        }
    }

    /// A file or folder; what is relative starts from the folder of the configuration file.
    static func path(_ property: any ConfigurationProperty<String>) -> KeySetting {
        KeySetting(
            shape: "path",
            assign: { input, configuration throws(KeyProblem) in
                configuration[keyPath: property] = resolve(try singleText(input.node), in: input.directory)
            },
            render: { $0[keyPath: property] }
        )
    }

    /// The permission bits of a file, in octal.
    static func permission(_ property: any ConfigurationProperty<UInt32>) -> KeySetting {
        parsed(property, shape: "octal permission") { text throws(KeyProblem) in
            let digits = text.lowercased().hasPrefix("0o") ? text.dropFirst(2) : text[...]
            guard let bits = UInt32(digits, radix: 8), bits <= 0o777 else {
                throw KeyProblem(
                    "\(KeyProblem.quote(text)) is not an octal permission",
                    "write one up to \"0777\", in quotes, such as \"0770\""
                )
            }
            return bits
        } render: {
            "0" + String($0, radix: 8)
        }
    }

    static func resolve(_ path: String, in directory: String?) -> String {
        guard let directory, !directory.isEmpty, !path.isEmpty, !path.hasPrefix("/") else { return path }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return directory.hasSuffix("/") ? directory + relative : "\(directory)/\(relative)"
    }
}
