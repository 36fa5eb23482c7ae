// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleSwarm

@Suite struct PeerFactCacheTests {
    private static func frame(_ number: Int) -> ByteBuffer {
        var frame = ByteBuffer(repeating: 7, count: 56)
        frame.writeInteger(number)
        return frame
    }

    @Test("an entry takes no more memory than its facts need")
    func memory() throws {
        var cache = PeerFactCache()
        let scanner = PeerScanner()
        var facts: [PeerFact] = []
        facts.reserveCapacity(4096)
        facts.append(.patched(3))
        cache.store(Self.frame(1), from: scanner, facts: facts[0...], after: scanner)
        let found = cache.facts(of: Self.frame(1), from: scanner)
        #expect(found?.facts == [.patched(3)])
        #expect(try #require(found).facts.capacity < 64)
    }

    @Test("frames that are never found again do not pile up; those that are make room")
    func frames() {
        var cache = PeerFactCache()
        let scanner = PeerScanner()
        for number in 0..<3 * PeerFactCache.framesMin {
            cache.store(Self.frame(number), from: scanner, facts: [.patched(1)], after: scanner)
        }
        #expect(cache.count == PeerFactCache.framesMin)
        let oldest = cache.facts(of: Self.frame(0), from: scanner)
        #expect(oldest == nil)
        for _ in 0..<100 {
            let newest = cache.facts(of: Self.frame(3 * PeerFactCache.framesMin - 1), from: scanner)
            #expect(newest != nil)
        }
        for number in 0..<3 * PeerFactCache.framesMin {
            cache.store(Self.frame(-1 - number), from: scanner, facts: [.patched(1)], after: scanner)
        }
        #expect(cache.count == PeerFactCache.framesMin + 100)
    }
}
