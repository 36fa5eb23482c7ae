// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Makes a configuration of a file, the environment and the defaults, and says everything that is wrong with it.
///
/// The environment goes before the file, and the file before the defaults. Nothing is read here but the arguments, so
/// whether files exist is for those to find out who open them.
///
/// Where headscale's own reading differs from plain YAML, it decides:
/// - keys are read in any case; a key without a value counts as not set;
/// - a variable is the key in capitals with `_` for dots, after `NEEDLETAIL_`; an empty one counts as not set;
/// - lists in variables are separated by commas or white space (headscale: white space alone); sections and
///   `dns.extra_records` are JSON;
/// - relative paths start from the folder of the file.
package struct ConfigurationLoader: Sendable {
    /// The table of keys.
    let keys: [ConfigurationKey]

    /// A loader for every key there is.
    package init() {
        self.init(keys: ConfigurationKey.all)
    }

    /// A loader for `keys` alone.
    init(keys: [ConfigurationKey]) {
        self.keys = keys
    }

    /// The configuration to start with.
    ///
    /// - Parameters:
    ///   - text: the file's content, or nothing without a file.
    ///   - environment: all variables of the process.
    ///   - dataDirectory: the folder from the command line, if one was named; keys of the file go before it.
    ///   - fileDirectory: the folder of the file, from which its relative paths start.
    /// - Returns: it, and the warnings.
    /// - Throws: ``ConfigurationError`` with all findings, warnings among them.
    package func load(
        yaml text: String?,
        environment: [String: String] = [:],
        dataDirectory: String? = nil,
        fileDirectory: String? = nil
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let file = try read(text)
        var given = file.given
        var variables = EnvironmentKeys()
        variables.read(environment, keys: keys, into: &given)

        let start = Configuration(dataDirectory: dataDirectory ?? Configuration.defaultDataDirectory)
        var assembly = ConfigurationAssembly(configuration: start, given: given, directory: fileDirectory)
        assembly.assign(keys)
        assembly.derive()
        let rules = ConfigurationRules(configuration: assembly.configuration, given: given, failed: assembly.failed)
        let findings = (file.findings + variables.findings + assembly.findings + rules.findings())
            .sorted(by: ConfigurationFinding.precedes)
        guard !findings.contains(where: { $0.severity == .error }) else {
            throw ConfigurationError(findings: findings)
        }
        return LoadedConfiguration(configuration: assembly.configuration, notices: findings)
    }

    private func read(_ text: String?) throws(ConfigurationError) -> FileKeys {
        var file = FileKeys(keys: keys)
        guard let text else { return file }
        do throws(YAMLReadingError) {
            file.read(try YAMLReader.read(text))
        } catch {
            throw ConfigurationError(findings: [
                ConfigurationFinding(
                    severity: .error,
                    key: "",
                    origin: .file(line: error.line),
                    problem: error.problem,
                    advice: error.advice
                )
            ])
        }
        return file
    }
}

extension ConfigurationFinding {
    /// By place in the file, then variables, then what is nowhere.
    static func precedes(_ left: Self, _ right: Self) -> Bool {
        (left.rank, left.key, left.problem) < (right.rank, right.key, right.problem)
    }

    private var rank: Int {
        switch origin {
        case .file(let line): line ?? 0
        case .environment: .max - 1
        case .none: .max
        }
    }
}
