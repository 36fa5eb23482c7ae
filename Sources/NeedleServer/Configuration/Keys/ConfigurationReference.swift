// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The table of keys as documentation.
package enum ConfigurationReference {
    /// The table in Markdown, one row a key, as it stands in `docs/configuration.md`.
    package static func markdown(_ keys: [ConfigurationKey] = ConfigurationKey.all) -> String {
        let defaults = Configuration()
        let heading = "| key | value | default | state | what it does |\n| --- | --- | --- | --- | --- |\n"
        return heading + keys.map { row($0, defaults: defaults) + "\n" }.joined()
    }

    private static func row(_ key: ConfigurationKey, defaults: Configuration) -> String {
        let value = key.value(in: defaults)
        let cells = [
            "`\(key.name)`",
            key.shape,
            value.isEmpty ? "" : "`\(value)`",
            state(key.support),
            key.summary,
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }

    private static func state(_ support: ConfigurationKey.Support) -> String {
        switch support {
        case .obeyed: "obeyed"
        case .moot(let reason): "no effect: \(reason)"
        case .notYet(let instead): "not yet, warning: \(instead)"
        case .refused(let advice): "not yet, refused: \(advice)"
        case .belongs(let name): "as `\(name)`"
        case .renamed(let name): "old name of `\(name)`, warning"
        case .removed(let advice): "refused: \(advice)"
        }
    }
}
