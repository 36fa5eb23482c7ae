// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting

/// Damages inputs the way a fuzzer does, but repeatably.
struct Mutator {
    private var random: SeededRandom
    private let inputs: [[UInt8]]

    init(seed: UInt64, corpus: Corpus) {
        random = SeededRandom(seed: seed)
        inputs = corpus.inputs.map(\.bytes)
    }

    /// One input of the corpus after one to four changes.
    mutating func next() -> [UInt8] {
        var bytes = inputs.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: Self.tokens.randomElement(using: &random) ?? [], at: place)
        case 4: bytes.replaceSubrange(place..<end, with: Self.numbers.randomElement(using: &random) ?? [])
        case 5: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 6: bytes.removeLast(bytes.count - place)
        default:
            let other = inputs.randomElement(using: &random) ?? []
            let cut = Int.random(in: 0...other.count, using: &random)
            bytes = Array(bytes[..<place] + other[cut...])
        }
    }

    private static let tokens =
        [
            "{", "}", "[", "]", "\"", ":", ",", "null", "true", "\\u0000", "\\ud83d\\ude00", "-", "1e308", "-0.0",
            "9223372036854775807", "\u{0}", "%41", "?", "#", "\n", "\u{e9}\u{301}",
        ].map { Array($0.utf8) } + [[0xff], [0xc3, 0x28], Array(repeating: 0, count: 32)]

    /// What lengths and counters go wrong at.
    private static let numbers: [[UInt8]] = [
        [0], [0x7f], [0x80], [0xff], [0, 0], [0x7f, 0xff], [0xff, 0xff], [0x10, 0], [0, 0, 0, 0],
        [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0, 0x10, 0, 0], [0, 0x10, 0, 1],
    ]
}
