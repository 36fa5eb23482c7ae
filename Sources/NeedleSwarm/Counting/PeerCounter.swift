// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore

/// Says what map messages mean for the count of peers; one for all streams of an event loop.
package final class PeerCounter {
    private let decoder: ZstdDecoder
    private let textMax: Int
    private var cache = PeerFactCache()
    private var text = ByteBuffer()
    /// What the message before said.
    package private(set) var facts: [PeerFact] = []

    /// A counter that refuses frames whose text is longer than `textMax`.
    package init(textMax: Int = 256 << 20) throws(ClientError) {
        decoder = try ZstdDecoder()
        self.textMax = textMax
    }

    /// How many frames were known from another stream.
    package var cacheHits: Int { cache.hits }

    /// Applies one message to `tally`.
    ///
    /// - Parameters:
    ///   - payload: the message without its length.
    ///   - isCompressed: whether it is zstd frames, or JSON as it is.
    ///   - tally: whose peers the message is about.
    /// - Returns: whether it was more than a keep-alive.
    /// - Throws: ``ClientError`` if it cannot be read.
    package func count(
        _ payload: ByteBuffer,
        isCompressed: Bool,
        in tally: inout PeerTally
    ) throws(ClientError) -> Bool {
        facts.removeAll(keepingCapacity: true)
        var scanner = PeerScanner()
        if isCompressed {
            var rest = payload
            while rest.readableBytes > 0 {
                let length = try ZstdDecoder.frameLength(rest.readableBytesView)
                guard let frame = rest.readSlice(length: length) else { break }
                try take(frame, &scanner)
            }
        } else {
            try scan(payload, &scanner)
        }
        guard scanner.isAtEnd else {
            throw .violation(ClientMap.Violation(description: "the message is cut off"))
        }
        tally.apply(facts)
        return facts != [.keepAlive]
    }

    private func take(_ frame: ByteBuffer, _ scanner: inout PeerScanner) throws(ClientError) {
        if let known = cache.facts(of: frame, from: scanner) {
            facts += known.facts
            scanner = known.after
            return
        }
        let before = scanner
        let first = facts.count
        text.clear()
        try decoder.append(frame, to: &text, limit: textMax)
        try scan(text, &scanner)
        cache.store(frame, from: before, facts: facts[first...], after: scanner)
        // Memory for an unusually long text is not kept.
        if text.capacity > 4 << 20 { text = ByteBuffer() }
    }

    private func scan(_ json: ByteBuffer, _ scanner: inout PeerScanner) throws(ClientError) {
        var failure: ClientError?
        json.withUnsafeReadableBytes { bytes in
            do throws(ClientError) {
                try scanner.scan(bytes, into: &facts)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
