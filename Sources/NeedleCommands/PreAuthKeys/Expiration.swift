// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleTypes

/// How long a new key can be used.
struct Expiration: CustomStringConvertible {
    /// Zero means for ever.
    let duration: Duration
    let description: String

    /// As in headscale.
    static let standard = Expiration(duration: .seconds(3600), description: "1h")

    private init(duration: Duration, description: String) {
        self.duration = duration
        self.description = description
    }

    /// Reads what was typed.
    init(text: String) throws {
        guard let duration = DurationText.parse(text) else {
            throw ValidationError("'\(text)' is not a duration; write for example 90m, 24h or 30d.")
        }
        self.init(duration: duration, description: text)
    }

    /// When a key that is made now stops working; nil means never.
    func time(from now: Timestamp) -> Timestamp? {
        duration == .zero ? nil : now + duration
    }
}
