// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Postures of which a source has to meet one, each a list of conditions; hashed once, since many selectors share them.
struct PostureSet: Hashable, Sendable {
    let postures: [[PostureCondition]]
    private let hash: Int

    init(_ postures: [[PostureCondition]]) {
        self.postures = postures
        hash = postures.hashValue
    }

    var isEmpty: Bool { postures.isEmpty }

    /// Whether a node with these attributes meets one of them.
    func isMet(by attributes: [String: AttributeValue]) -> Bool {
        postures.contains { $0.allSatisfy { $0.holds(for: attributes) } }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.hash == right.hash && left.postures == right.postures
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
