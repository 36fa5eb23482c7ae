// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Finds the table's keys among environment variables.
///
/// A variable with an empty value counts as not set, as with headscale.
struct EnvironmentKeys {
    /// Variables of ours that are no keys.
    static let reserved: Set<String> = ["NEEDLETAIL_CONFIG", "NEEDLETAIL_DATA_DIR"]
    /// What variables for debugging start with.
    static let reservedPrefix = "NEEDLETAIL_DEBUG_"
    /// What headscale's variables start with.
    static let foreignPrefix = "HEADSCALE_"

    private(set) var findings: [ConfigurationFinding] = []

    /// Puts the values of `environment` into `given`, over those of the file.
    mutating func read(_ environment: [String: String], keys: [ConfigurationKey], into given: inout GivenValues) {
        let names = Dictionary(keys.map { ($0.environmentName, $0) }, uniquingKeysWith: { first, _ in first })
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            if let key = names[variable] {
                take(value, of: variable, as: key, into: &given)
            } else if variable.hasPrefix(Self.foreignPrefix) {
                reportForeign(variable, names: names)
            } else if variable.hasPrefix(ConfigurationKey.environmentPrefix), !Self.reserved.contains(variable),
                !variable.hasPrefix(Self.reservedPrefix)
            {
                reportUnknown(variable, names: Array(names.keys).sorted())
            }
        }
    }

    private mutating func take(
        _ value: String,
        of variable: String,
        as key: ConfigurationKey,
        into given: inout GivenValues
    ) {
        let origin = ConfigurationFinding.Origin.environment(variable)
        guard key.setting.isStructured else {
            given[key.name] = GivenValues.Value(node: YAMLNode(text: value), origin: origin)
            return
        }
        do {
            given[key.name] = GivenValues.Value(node: try YAMLReader.read(value), origin: origin)
        } catch {
            findings.append(
                ConfigurationFinding(
                    severity: .error,
                    key: key.name,
                    origin: origin,
                    problem: error.problem,
                    advice: "write it as JSON"
                )
            )
        }
    }

    private mutating func reportForeign(_ variable: String, names: [String: ConfigurationKey]) {
        let ours = ConfigurationKey.environmentPrefix + variable.dropFirst(Self.foreignPrefix.count)
        guard let key = names[ours] else { return }
        warn(variable, key: key.name, "variables of headscale are not read", "call it \(ours)")
    }

    private mutating func reportUnknown(_ variable: String, names: [String]) {
        let advice = NearestName.nearest(to: variable, among: names).map { "did you mean \($0)?" }
        warn(variable, key: "", "no key has this variable", advice ?? "it is ignored")
    }

    private mutating func warn(_ variable: String, key: String, _ problem: String, _ advice: String) {
        findings.append(
            ConfigurationFinding(
                severity: .warning,
                key: key,
                origin: .environment(variable),
                problem: problem,
                advice: advice
            )
        )
    }
}
