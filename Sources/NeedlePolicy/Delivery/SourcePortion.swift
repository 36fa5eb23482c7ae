// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How much of a list of sources; small, since a packet filter has hundreds.
struct SourcePortion: Hashable, Sendable {
    private let first: Int32
    private let end: Int32

    /// All of it.
    static let whole = SourcePortion(first: 0, end: .max)
    /// What is written as it is, without the nodes.
    static let texts = SourcePortion(first: 0, end: 0)

    /// The nodes with these slots.
    static func nodes(_ slots: Range<Int>) -> SourcePortion {
        SourcePortion(first: Int32(clamping: slots.lowerBound), end: Int32(clamping: slots.upperBound))
    }

    /// The slots of ``nodes(_:)``; nil for others.
    var slots: Range<Int>? {
        self == .whole || self == .texts ? nil : Int(first)..<Int(end)
    }
}
