// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleNoise

@Suite struct RecordHeaderTests {
    @Test("has exactly one meaning for each of all three-byte headers with a known type")
    func everyLength() {
        for length in 0...65_535 {
            let (high, low) = (UInt8(length >> 8), UInt8(length & 255))
            #expect(RecordHeader(1, high, low) == nil)
            #expect((RecordHeader(2, high, low) != nil) == (length == 48))
            #expect(RecordHeader(3, high, low)?.length == UInt16(length))
            #expect((RecordHeader(4, high, low) != nil) == (16...4093).contains(length))
        }
    }

    @Test("refuses types that nobody has defined")
    func unknownTypes() {
        for type in UInt8.min...UInt8.max where !(1...4).contains(type) {
            #expect(RecordHeader(type, 0, 48) == nil)
        }
    }

    @Test("is read from three bytes and nothing else")
    func count() {
        #expect(RecordHeader(bytes: [4, 0, 16]) == RecordHeader(type: .record, length: 16))
        #expect(RecordHeader(bytes: [4, 0]) == nil)
        #expect(RecordHeader(bytes: [4, 0, 16, 0]) == nil)
        #expect(RecordHeader(bytes: []) == nil)
    }

    @Test("is written as it was read")
    func bytes() {
        #expect(RecordHeader(4, 0x0f, 0xfd)?.bytes == [4, 0x0f, 0xfd])
    }
}
