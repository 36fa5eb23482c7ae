// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Random numbers that are the same for the same seed, everywhere and for ever.
///
/// Each part of a plan draws from a stream of its own, so that one part never shifts another.
///
/// - Source: SplitMix64, Steele and others, "Fast splittable pseudorandom number generators", 2014.
package struct PlanRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The stream of one part of one plan.
    package init(preset: String, seed: String, purpose: String) {
        // FNV-1a; Swift's own hashes differ from run to run.
        state = "\(preset)/\(seed)/\(purpose)".utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from the range.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    /// One of some things, of which there must be one.
    mutating func choice<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    /// So many different things of some, in their order.
    mutating func sample<Element>(_ elements: [Element], _ count: Int) -> [Element] {
        elements.indices.shuffled(using: &self).prefix(count).sorted().map { elements[$0] }
    }
}
