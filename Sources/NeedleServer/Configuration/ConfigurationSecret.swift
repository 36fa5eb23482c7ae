// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A password or client secret from the configuration, which never prints itself.
package struct ConfigurationSecret: Equatable, Sendable {
    private let content: String

    /// The secret with this text; empty for none.
    package init(_ content: String) {
        self.content = content
    }

    /// Whether none is set.
    package var isEmpty: Bool { content.isEmpty }

    /// Hands the text to `body`, so that each use can be found by name.
    package func withText<Result>(_ body: (String) throws -> Result) rethrows -> Result {
        try body(content)
    }
}

extension ConfigurationSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { content.isEmpty ? "" : "[redacted]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
