// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes

/// The bytes of hex text; none if it is no hex, which no test expects.
func hex(_ text: String) -> [UInt8] { Hex.decode(text.utf8) ?? [] }

extension SeededRandom {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// The same bytes with one thing wrong with them: a bit, a byte, a length, an order.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        let place = Int.random(in: 0..<bytes.count, using: &self)
        switch Int.random(in: 0..<7, using: &self) {
        case 0: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        case 1: result[place] = UInt8.random(in: .min ... .max, using: &self)
        case 2: result.removeLast(Int.random(in: 1...bytes.count, using: &self))
        case 3: result.append(contentsOf: self.bytes(Int.random(in: 1...20, using: &self)))
        case 4: result.swapAt(place, Int.random(in: 0..<bytes.count, using: &self))
        case 5: result.remove(at: place)
        default: for index in place..<min(place + 8, bytes.count) { result[index] = 0xff }
        }
        return result
    }
}
