// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A run of bytes that can be cut at the front and grown at the back.
///
/// Frames are decoded and encoded through this, so that a shell can use its own buffers without copying a packet into
/// an array first. Arrays conform for tests and simulations; cutting one costs O(rest).
package protocol DERPBytes: Sendable, Equatable {
    /// How the bytes are read.
    associatedtype View: Collection<UInt8>

    /// No bytes.
    init()

    /// All the bytes that are left, in order.
    var view: View { get }

    /// How many bytes are left.
    var byteCount: Int { get }

    /// Adds all of `other` at the end.
    mutating func append(_ other: Self)

    /// Adds single bytes at the end.
    mutating func append(bytes: some Collection<UInt8>)

    /// Cuts off the first `count` bytes, or does nothing if there are not that many.
    mutating func takePrefix(_ count: Int) -> Self?
}

extension DERPBytes {
    /// Adds a number in network order.
    package mutating func append(integer: some FixedWidthInteger) {
        withUnsafeBytes(of: integer.bigEndian) { append(bytes: $0) }
    }

    /// Reads a number in network order from the front, without cutting it off.
    func leadingInteger<Integer: FixedWidthInteger>(_: Integer.Type, skipping offset: Int = 0) -> Integer? {
        let size = Integer.bitWidth / 8
        guard offset >= 0, byteCount - size >= offset else { return nil }
        return view.dropFirst(offset).prefix(size).reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }
}

extension [UInt8]: DERPBytes {
    package var view: Self { self }

    package var byteCount: Int { count }

    package mutating func append(_ other: Self) {
        append(contentsOf: other)
    }

    package mutating func append(bytes: some Collection<UInt8>) {
        append(contentsOf: bytes)
    }

    package mutating func takePrefix(_ count: Int) -> Self? {
        guard count >= 0, count <= self.count else { return nil }
        let taken = Self(prefix(count))
        removeFirst(count)
        return taken
    }
}
