// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleSwarm

/// An HTTP/2 frame as bytes, made apart from the machine that is tested.
struct TestFrame: Equatable {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []
    /// The length that the header claims, if it is not the payload's.
    var claimedLength: Int?

    var bytes: ByteBuffer {
        let length = claimedLength ?? payload.count
        let header: [UInt8] = [
            UInt8(length >> 16), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags, UInt8(stream >> 24),
            UInt8(stream >> 16 & 0xff), UInt8(stream >> 8 & 0xff), UInt8(stream & 0xff),
        ]
        return ByteBuffer(bytes: header + payload)
    }

    static func headers(_ stream: UInt32, _ block: [UInt8], ends: Bool = false) -> ByteBuffer {
        TestFrame(type: 1, flags: ends ? 5 : 4, stream: stream, payload: block).bytes
    }

    static func data(_ stream: UInt32, _ text: String, ends: Bool = false) -> ByteBuffer {
        TestFrame(type: 0, flags: ends ? 1 : 0, stream: stream, payload: Array(text.utf8)).bytes
    }

    static func padded(_ stream: UInt32, _ text: String, _ padding: UInt8) -> ByteBuffer {
        let payload = [padding] + Array(text.utf8) + [UInt8](repeating: 0, count: Int(padding))
        return TestFrame(type: 0, flags: 8, stream: stream, payload: payload).bytes
    }

    static func settings(_ values: [(UInt16, UInt32)]) -> ByteBuffer {
        let payload = values.flatMap { name, value in
            [
                UInt8(name >> 8), UInt8(name & 0xff), UInt8(value >> 24), UInt8(value >> 16 & 0xff),
                UInt8(value >> 8 & 0xff), UInt8(value & 0xff),
            ]
        }
        return TestFrame(type: 4, payload: payload).bytes
    }

    static func windowUpdate(_ stream: UInt32, _ count: UInt32) -> ByteBuffer {
        let payload = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> UInt32($0)) }
        return TestFrame(type: 8, stream: stream, payload: payload).bytes
    }

    /// The frames in `buffer`, which must be whole.
    static func all(in buffer: ByteBuffer) throws -> [TestFrame] {
        var rest = buffer
        var frames: [TestFrame] = []
        while rest.readableBytes > 0 {
            let header = rest.readBytes(length: 9)
            let head = try #require(header)
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let content = rest.readBytes(length: length)
            let payload = try #require(content)
            frames.append(TestFrame(type: head[3], flags: head[4], stream: stream, payload: payload))
        }
        return frames
    }

    /// What a client on whose connection stream 1 is open must refuse.
    static let violations: [[TestFrame]] = [
        [TestFrame(type: 1, flags: 4, stream: 1, payload: [0x82])],
        [TestFrame(type: 1, flags: 4, stream: 3, payload: [0x88])],
        [TestFrame(type: 1, flags: 4, stream: 2, payload: [0x88])],
        [TestFrame(type: 1, flags: 12, stream: 1, payload: [9, 0x88])],
        [TestFrame(type: 0, stream: 3, payload: [1])],
        [TestFrame(type: 0, flags: 8, stream: 1, payload: [])],
        [TestFrame(type: 0, flags: 8, stream: 1, payload: [5, 1])],
        [TestFrame(type: 4, payload: [], claimedLength: 16_385)],
        [TestFrame(type: 4, payload: [0, 4, 0xff, 0xff, 0xff, 0xff])],
        [TestFrame(type: 4, payload: [0, 4, 0])],
        [TestFrame(type: 5, stream: 1, payload: [0, 0, 0, 2])],
        [TestFrame(type: 6, payload: [1])],
        [TestFrame(type: 3, stream: 1, payload: [1])],
        [TestFrame(type: 7, payload: [1])],
        [TestFrame(type: 8, payload: [1])],
        [TestFrame(type: 9, flags: 4, stream: 1, payload: [0x88])],
        [TestFrame(type: 1, stream: 1, payload: []), TestFrame(type: 0, stream: 1, payload: [1])],
        [TestFrame(type: 1, stream: 1, payload: []), TestFrame(type: 6, payload: [1, 2, 3, 4, 5, 6, 7, 8])],
        [TestFrame(type: 1, stream: 1, payload: [])]
            + [TestFrame](
                repeating: TestFrame(type: 9, stream: 1, payload: .init(repeating: 0, count: 16_000)),
                count: 5
            ),
    ]
}

func + (left: ByteBuffer, right: ByteBuffer) -> ByteBuffer {
    var sum = left
    sum.writeImmutableBuffer(right)
    return sum
}
