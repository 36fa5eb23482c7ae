// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// WebSocket frames by hand, from the client's side.
struct WebSocketClientFrames {
    /// A frame that came.
    struct Frame: Equatable {
        let first: UInt8
        let payload: [UInt8]
    }

    private var held: [UInt8] = []
    /// All frames that came, control frames included.
    private(set) var frames: [Frame] = []

    /// The code of the close frame, if one came.
    var closeCode: Int? {
        frames.first { $0.first == 0x88 }.map { $0.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) } }
    }

    /// Takes bytes from the server and gives the payloads of binary messages.
    mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        held += bytes
        var payloads: [UInt8] = []
        while held.count >= 2 {
            var start = 2
            var length = Int(held[1] & 0x7f)
            if length >= 126 {
                let count = length == 126 ? 2 : 8
                guard held.count >= 2 + count else { break }
                length = held[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
                start += count
            }
            guard held.count >= start + length else { break }
            let frame = Frame(first: held[0], payload: Array(held[start..<start + length]))
            held.removeFirst(start + length)
            frames.append(frame)
            if frame.first & 0x0f == 2 { payloads += frame.payload }
        }
        return payloads
    }

    /// One masked binary message.
    static func binary(_ payload: [UInt8]) -> [UInt8] { frame(0x82, payload) }

    /// One masked frame; its first byte is given.
    static func frame(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) -> [UInt8] {
        let flag: UInt8 = isMasked ? 0x80 : 0
        var bytes = [first]
        switch payload.count {
        case ..<126: bytes.append(flag | UInt8(payload.count))
        case ..<65_536: bytes += [flag | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            let count = payload.count
            bytes.append(flag | 127)
            bytes += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: count >> $0) }
        }
        guard isMasked else { return bytes + payload }
        let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }
}
