// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import Testing

@testable import NeedleNoise

@Suite struct BLAKE2sTests {
    @Test("gives every published answer, from no bytes to almost four blocks")
    func published() {
        #expect(BLAKE2sVectors.digests.count == 256)
        for (count, digest) in BLAKE2sVectors.digests.enumerated() {
            let message = (0..<count).map { UInt8($0) }
            #expect(BLAKE2s.hash(message) == digest, "\(count) bytes")
        }
    }

    @Test("gives the example of RFC 7693")
    func example() {
        let digest = hex("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982")
        #expect(BLAKE2s.hash(Array("abc".utf8)) == digest)
    }

    @Test("does not care in which pieces a message comes")
    func pieces() {
        var random = SeededRandom(seed: 1)
        // The digest is hashlib's.
        let message = (0..<10_000).map { UInt8($0 * 7 % 251) }
        let digest = hex("056c60faeeb50d18578604a683e66112c895458291503bc707ec3a074fcfc2f1")
        for _ in 0..<5 {
            var hash = BLAKE2s()
            var rest = message[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 0...200, using: &random))
                hash.update(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            #expect(hash.finalize() == digest)
        }
    }

    /// The answers are those of Python's hmac and hashlib.
    @Test(
        "authenticates with short, block-long and longer keys",
        arguments: [
            (Array("key".utf8), "message", "bba8fa28708ae80d249e317318c95c859f3f77512be23910d5094d9110454d6f"),
            (Array(0..<64), "", "4a4f8f181c931253202b2d7a77e2a612f65580f4b0d56108f7f275f22b63ae00"),
            (
                [UInt8](repeating: 0, count: 100), "message",
                "546f7122e80ca0f66d31cc7965a89d61db7320a7e7de5d418cf95bf74151226d"
            ),
        ]
    )
    func authenticates(key: [UInt8], message: String, code: String) {
        #expect(BLAKE2s.authenticate(Array(message.utf8), key: key) == hex(code))
    }

    @Test("derives two keys as HKDF does")
    func derives() {
        let (first, second) = BLAKE2s.derive(chainingKey: Array(0..<32), material: Array(32..<64))
        #expect(first == hex("6a96444e20e8d4c1cee974416acae1c10b3c92886010e54ed94dafb2c3b80ea0"))
        #expect(second == hex("57af120b0de7acbe7907ec149c5ae870a2dbb74232b65777ba4123f1f7f888f5"))
    }
}
