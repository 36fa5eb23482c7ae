// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Remembers what compressed frames say, so that a frame that many clients receive is decompressed once.
///
/// A hit needs the same bytes, compared one by one, and the same state of the scanner before them: what is counted is
/// what decompressing would have counted. One for each event loop. With a server that compresses for each client anew
/// it gains nothing, so it begins small, and grows as frames are found in it.
struct PeerFactCache {
    /// Frames that are remembered.
    static let framesMax = 32_768
    /// Frames that are remembered before any has been found; each that is found makes room for one more.
    static let framesMin = 2048
    /// What is remembered of them together, in bytes.
    static let bytesMax = 64 << 20
    /// Frames below this are decompressed as fast as they are found.
    static let frameBytesMin = 64

    private struct Key: Hashable {
        let count: Int
        let tail: UInt64
        let scanner: PeerScanner

        /// The state of the scanner is mostly the same and long to hash.
        func hash(into hasher: inout Hasher) {
            hasher.combine(tail)
        }
    }

    private struct Entry {
        let frame: ByteBuffer
        let facts: [PeerFact]
        let after: PeerScanner

        var bytes: Int { frame.readableBytes + facts.count * MemoryLayout<PeerFact>.stride }
    }

    private var entries: [Key: Entry] = [:]
    /// In the order in which they came; a ring once it is full.
    private var order: [Key] = []
    private var oldest = 0
    private var bytes = 0
    /// How often a frame was known.
    private(set) var hits = 0

    /// How many frames are remembered.
    var count: Int { entries.count }

    /// What a frame says, if it is known.
    mutating func facts(of frame: ByteBuffer, from scanner: PeerScanner) -> (facts: [PeerFact], after: PeerScanner)? {
        guard let key = Self.key(frame, scanner), let entry = entries[key], entry.frame == frame else { return nil }
        hits += 1
        return (entry.facts, entry.after)
    }

    /// Remembers what a frame says; the oldest frames go for it.
    mutating func store(_ frame: ByteBuffer, from scanner: PeerScanner, facts: ArraySlice<PeerFact>, after: PeerScanner)
    {
        guard let key = Self.key(frame, scanner), entries[key] == nil else { return }
        // A client's own node is in nobody else's frame.
        let isShared = !facts.contains { if case .own = $0 { true } else { false } }
        guard isShared else { return }
        // An array made of the slice could be the whole list, with the room for the longest message that ever came.
        let own = facts.map(\.self)
        let entry = Entry(frame: ByteBuffer(bytes: frame.readableBytesView), facts: own, after: after)
        guard entry.bytes <= Self.bytesMax / 4 else { return }
        let framesMax = min(Self.framesMin + hits, Self.framesMax)
        while bytes + entry.bytes > Self.bytesMax || entries.count >= framesMax { dropOldest() }
        entries[key] = entry
        order.append(key)
        bytes += entry.bytes
    }

    private mutating func dropOldest() {
        guard oldest < order.count else { return }
        if let entry = entries.removeValue(forKey: order[oldest]) { bytes -= entry.bytes }
        oldest += 1
        if oldest > order.count / 2 {
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    /// The end of a compressed frame differs wherever its content does; the comparison has the last word.
    private static func key(_ frame: ByteBuffer, _ scanner: PeerScanner) -> Key? {
        guard frame.readableBytes >= frameBytesMin, scanner.isBetweenTokens,
            let end: UInt64 = frame.getInteger(at: frame.writerIndex - 8),
            let before: UInt64 = frame.getInteger(at: frame.writerIndex - 24)
        else { return nil }
        return Key(count: frame.readableBytes, tail: end ^ before &* 31, scanner: scanner)
    }
}
