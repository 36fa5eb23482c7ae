// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Puts given values into a configuration, row by row, and notes what is wrong with each alone.
struct ConfigurationAssembly {
    private(set) var configuration: Configuration
    private(set) var findings: [ConfigurationFinding] = []
    /// Keys whose values could not be taken; rules must not judge the defaults that stand in for them.
    private(set) var failed: Set<String> = []
    private let given: GivenValues
    private let directory: String?

    /// An assembly that starts from `configuration`.
    init(configuration: Configuration, given: GivenValues, directory: String?) {
        self.configuration = configuration
        self.given = given
        self.directory = directory
    }

    /// Sets what `keys` were given.
    mutating func assign(_ keys: [ConfigurationKey]) {
        for key in keys {
            guard let value = given[key.name] else { continue }
            switch key.support {
            case .removed(let advice):
                report(.error, key, value, "headscale removed this key", advice)
            case .renamed(let name):
                report(.warning, key, value, "an old name", "write \(name)")
                if !given.contains(name) { assign(key, value) }
            case .obeyed, .moot, .notYet, .refused, .belongs:
                assign(key, value)
            }
        }
    }

    private mutating func assign(_ key: ConfigurationKey, _ value: GivenValues.Value) {
        guard value.node.content != .null else { return }
        let before = key.setting.render(configuration)
        do {
            let input = KeySetting.Input(node: value.node, directory: directory)
            try key.setting.assign(input, &configuration)
        } catch {
            failed.insert(key.name)
            return report(.error, key, value, key.setting.isSecret ? "not readable" : error.problem, error.advice)
        }
        guard key.setting.render(configuration) != before else { return }
        switch key.support {
        case .notYet(let instead):
            report(.warning, key, value, "not supported yet", instead)
        case .refused(let advice):
            report(.error, key, value, "not supported yet", advice)
        case .obeyed, .moot, .belongs, .renamed, .removed:
            break
        }
    }

    private mutating func report(
        _ severity: ConfigurationFinding.Severity,
        _ key: ConfigurationKey,
        _ value: GivenValues.Value,
        _ problem: String,
        _ advice: String
    ) {
        findings.append(
            ConfigurationFinding(
                severity: severity,
                key: key.name,
                origin: value.origin,
                problem: problem,
                advice: advice
            )
        )
    }
}

// MARK: - Defaults that follow from other keys

extension ConfigurationAssembly {
    /// Fills in the defaults that depend on what was given.
    mutating func derive() {
        if !given.contains("server_url") {
            configuration.serverURL = ServerURL(derivedFrom: configuration.listenAddress)
        }
        if !given.contains("dns.override_local_dns") {
            configuration.dns.overrideLocalDNS = !configuration.dns.globalNameservers.isEmpty
        }
        if !given.contains("derp.server.stun_listen_addr") {
            let host = configuration.listenAddress.host
            let port = configuration.derp.server.stunListenAddress?.port ?? 3478
            configuration.derp.server.stunListenAddress = ListenAddress(host: host, port: port)
        }
        // As with headscale: zero stands for its default.
        if configuration.tuning.pendingRegistrations == 0 {
            configuration.tuning.pendingRegistrations = Configuration.Tuning().pendingRegistrations
        }
        if configuration.tuning.pendingRegistrationLifetime == .zero {
            configuration.tuning.pendingRegistrationLifetime = Configuration.Tuning().pendingRegistrationLifetime
        }
        // As with headscale: whoever names one family alone wants no other.
        if given.contains("prefixes.v4"), !given.contains("prefixes.v6") { configuration.prefixes.v6 = nil }
        if given.contains("prefixes.v6"), !given.contains("prefixes.v4") { configuration.prefixes.v4 = nil }
    }
}
