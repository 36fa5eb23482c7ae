// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One row of the table of keys: what a key is called, what it takes, and what this server makes of it.
///
/// The rows are in ``all``; loader, `configtest` and documentation work from them alone, so a new key is a new row.
package struct ConfigurationKey: Sendable {
    /// What the server makes of the key.
    package enum Support: Equatable, Sendable {
        /// It does what the key says.
        case obeyed
        /// It needs no such key: accepted without a word, and the reason for the documentation.
        case moot(String)
        /// It does not do so yet: a warning, if the value is not the default, that says what happens instead.
        case notYet(instead: String)
        /// It cannot start without doing so: an error, if the value is not the default, that says what to do.
        case refused(advice: String)
        /// It belongs to another key, whose row says what happens.
        case belongs(to: String)
        /// It is an old name that is still obeyed, with a warning.
        case renamed(to: String)
        /// headscale removed it: an error that names what took its place.
        case removed(advice: String)
    }

    /// The key in full, parts separated by dots.
    package let name: String
    /// What the server makes of it.
    package let support: Support
    /// One sentence about what it does.
    package let summary: String
    let setting: KeySetting

    init(_ name: String, _ setting: KeySetting, _ support: Support, _ summary: String) {
        self.name = name
        self.setting = setting
        self.support = support
        self.summary = summary
    }

    /// A key that is obeyed.
    init(_ name: String, _ setting: KeySetting, _ summary: String) {
        self.init(name, setting, .obeyed, summary)
    }

    /// What every environment variable of ours starts with.
    package static let environmentPrefix = "NEEDLETAIL_"

    /// The environment variable that overrides the key: dots become underscores, all in capitals.
    package var environmentName: String {
        Self.environmentPrefix + Self.environmentSuffix(name)
    }

    /// What the value looks like, in a few words.
    package var shape: String { setting.shape }

    /// The value in `configuration` as text.
    package func value(in configuration: Configuration) -> String {
        setting.render(configuration)
    }

    static func environmentSuffix(_ name: String) -> String {
        String(name.map { $0 == "." ? "_" : $0 }).uppercased()
    }
}
