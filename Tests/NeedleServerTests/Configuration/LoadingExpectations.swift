// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleServer

/// The configuration and warnings of `yaml`, which must load.
func loaded(
    _ yaml: String?,
    environment: [String: String] = [:],
    dataDirectory: String? = nil,
    fileDirectory: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> LoadedConfiguration {
    do {
        return try ConfigurationLoader().load(
            yaml: yaml,
            environment: environment,
            dataDirectory: dataDirectory,
            fileDirectory: fileDirectory
        )
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
        throw error
    }
}

/// The findings of `yaml`, which must not load.
func refused(
    _ yaml: String?,
    environment: [String: String] = [:],
    dataDirectory: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) -> [ConfigurationFinding] {
    do throws(ConfigurationError) {
        _ = try ConfigurationLoader().load(yaml: yaml, environment: environment, dataDirectory: dataDirectory)
        Issue.record("the configuration was accepted", sourceLocation: sourceLocation)
        return []
    } catch {
        return error.findings
    }
}

/// All findings, whether or not the configuration loads.
func findings(_ yaml: String?, environment: [String: String] = [:]) -> [ConfigurationFinding] {
    do throws(ConfigurationError) {
        return try ConfigurationLoader().load(yaml: yaml, environment: environment).notices
    } catch {
        return error.findings
    }
}
