// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import Testing

/// An HTTP/2 frame as bytes, made and read apart from the machine that is tested.
struct HTTP2TestFrame: Equatable {
    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []
    /// The length that the head claims, if it is not the payload's.
    var claimedLength: Int?

    var bytes: [UInt8] {
        let length = UInt32(claimedLength ?? payload.count)
        return Array(Self.number(length).dropFirst()) + [kind, flags] + Self.number(stream) + payload
    }

    var text: String { String(decoding: payload, as: UTF8.self) }

    static func number(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    static func headers(_ stream: UInt32, _ block: [UInt8], ends: Bool = false) -> Self {
        Self(kind: 1, flags: ends ? 5 : 4, stream: stream, payload: block)
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = false) -> Self {
        Self(kind: 0, flags: ends ? 1 : 0, stream: stream, payload: bytes)
    }

    static func data(_ stream: UInt32, _ text: String, ends: Bool = false) -> Self {
        data(stream, Array(text.utf8), ends: ends)
    }

    static func settings(_ values: [(UInt16, UInt32)] = []) -> Self {
        Self(kind: 4, payload: values.flatMap { Array(number(UInt32($0.0)).suffix(2)) + number($0.1) })
    }

    static let settingsAcknowledgement = Self(kind: 4, flags: 1)

    static func windowUpdate(_ stream: UInt32, _ count: UInt32) -> Self {
        Self(kind: 8, stream: stream, payload: number(count))
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> Self {
        Self(kind: 3, stream: stream, payload: number(code))
    }

    static func ping(_ byte: UInt8 = 7, isAnswer: Bool = false) -> Self {
        Self(kind: 6, flags: isAnswer ? 1 : 0, payload: [UInt8](repeating: byte, count: 8))
    }

    /// The frames in `bytes`, which must be whole.
    static func all(in bytes: [UInt8]) throws -> [Self] {
        var rest = bytes[...]
        var frames: [Self] = []
        while !rest.isEmpty {
            let head = Array(rest.prefix(9))
            try #require(head.count == 9)
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let payload = Array(rest.dropFirst(9).prefix(length))
            try #require(payload.count == length)
            frames.append(Self(kind: head[3], flags: head[4], stream: stream, payload: payload))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }
}

/// Header blocks by hand.
enum HTTP2TestBlock {
    /// `:method: GET`, `:scheme: https`, `:path: /` out of the static table.
    static let get: [UInt8] = [0x82, 0x87, 0x84]
    /// `:method: POST`, `:scheme: https`, `:path: /`.
    static let post: [UInt8] = [0x83, 0x87, 0x84]

    /// A field spelt out, not to be indexed unless it is said.
    static func field(_ name: String, _ value: String, indexed: Bool = false) -> [UInt8] {
        [indexed ? 0x40 : 0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }
}
