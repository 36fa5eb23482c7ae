// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The long lists of sources of one policy, each divided as it was when it was last asked for.
///
/// A list is divided alike for all nodes that have it in their filters, of which there may be thousands, and adding up its
/// bands for each was half of what they cost when one node joined. Whoever asks for the filters of many nodes keeps one of
/// these and hands it in again: a division is good for as long as the list's own sum is the same, whichever snapshot of
/// the graph is asked.
package struct DividedLists: Sendable {
    /// A list in parts.
    struct Division: Equatable, Sendable {
        /// What of the whole list it was made of; see ``SharedSources/version``.
        let version: UInt64
        let nodeCount: Int
        let parts: [SharedSources]
    }

    private let remembers: Bool
    private var generation: UInt64?
    private var divisions: [Division?] = []

    /// Nothing known yet.
    package init() {
        self.init(remembers: true)
    }

    private init(remembers: Bool) {
        self.remembers = remembers
    }

    /// For one filter only.
    package static let forgetful = DividedLists(remembers: false)

    /// What is known of one list.
    func division(of list: Int) -> Division? { list < divisions.count ? divisions[list] : nil }

    /// Forgets everything unless it is of this generation of the graph; see ``ChangeStamps/first``.
    mutating func begin(generation: UInt64, listCount: Int) {
        guard remembers, generation != self.generation else { return }
        self.generation = generation
        divisions = Array(repeating: nil, count: listCount)
    }

    /// The parts of a list whose nodes add up to this, made by `divide` if they are not known.
    mutating func parts(
        of list: Int,
        version: UInt64,
        nodeCount: Int,
        divide: () -> [SharedSources]
    ) -> [SharedSources] {
        guard list < divisions.count else { return divide() }
        if let known = divisions[list], known.version == version, known.nodeCount == nodeCount { return known.parts }
        let parts = divide()
        divisions[list] = Division(version: version, nodeCount: nodeCount, parts: parts)
        return parts
    }
}
