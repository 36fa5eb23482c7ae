// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A configuration to start with, and what its administrator should be told.
package struct LoadedConfiguration: Equatable, Sendable {
    /// Complete and checked.
    package let configuration: Configuration
    /// Warnings, in the order of the file.
    package let notices: [ConfigurationFinding]

    /// A configuration with what there is to say about it.
    package init(configuration: Configuration, notices: [ConfigurationFinding]) {
        self.configuration = configuration
        self.notices = notices
    }
}
