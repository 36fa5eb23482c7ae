// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Synchronization

/// The long lists of sources of one policy, each divided as it was when it was last asked for.
///
/// A list is divided alike for all nodes that have it in their filters, of which there may be thousands, and adding up its
/// bands for each was half of what they cost when one node joined. All snapshots of a policy's graph share what is known:
/// a division is good for as long as the list's own sum is the same, whichever snapshot asks.
final class DividedLists: Sendable {
    /// A list in parts.
    struct Division: Equatable, Sendable {
        /// What of the whole list it was made of; see ``SharedSources/version``.
        let version: UInt64
        let nodeCount: Int
        let parts: [SharedSources]
    }

    /// What is known, for one who asks for many lists at once, and what it finds out itself.
    struct Reading {
        fileprivate let known: PagedArray<Division?>
        fileprivate var added: [(list: Int32, division: Division)] = []

        fileprivate init(_ known: PagedArray<Division?>) {
            self.known = known
        }

        /// The parts of a list whose nodes add up to this, made by `divide` if nobody has yet.
        mutating func parts(
            of list: Int32,
            version: UInt64,
            nodeCount: Int,
            divide: () -> [SharedSources]
        ) -> [SharedSources] {
            if let known = known[Int(list)], known.version == version, known.nodeCount == nodeCount {
                return known.parts
            }
            let division = Division(version: version, nodeCount: nodeCount, parts: divide())
            added.append((list, division))
            return division.parts
        }
    }

    private let divisions: Mutex<PagedArray<Division?>>

    /// Nothing known yet of so many lists.
    init(count: Int) {
        divisions = Mutex(PagedArray(repeating: nil, count: count))
    }

    /// What is known of one list.
    func division(of list: Int) -> Division? { divisions.withLock { $0[list] } }

    /// Asks for what is known, with one lock for all lists of a filter.
    func read() -> Reading {
        Reading(divisions.withLock { $0 })
    }

    /// Keeps what was found out.
    func keep(_ reading: Reading) {
        guard !reading.added.isEmpty else { return }
        divisions.withLock { divisions in
            for (list, division) in reading.added { divisions.update(Int(list)) { $0 = division } }
        }
    }
}
