// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import Testing

@testable import NeedleSwarm

@Suite struct HPACKTests {
    @Test(
        "reads the status as a real encoder writes it",
        arguments: [100, 200, 201, 204, 206, 304, 400, 403, 404, 405, 409, 413, 429, 431, 500, 501, 503, 567, 598]
    )
    func status(status: Int) throws {
        for allowsHuffman in [true, false] {
            for tableSize in [0, 4096] {
                var encoder = HPACKEncoder(
                    allocator: ByteBufferAllocator(),
                    useHuffmanEncoding: allowsHuffman,
                    maxDynamicTableSize: 4096
                )
                var block = ByteBuffer()
                try encoder.setDynamicTableSize(tableSize)
                try encoder.beginEncoding(allocator: ByteBufferAllocator())
                let headers: HPACKHeaders = [":status": "\(status)", "content-type": "text/plain"]
                try encoder.append(headers: headers)
                var encoded = try encoder.endEncoding()
                block.writeBuffer(&encoded)
                #expect(HPACKStatus.decode(block.readableBytesView) == status)
            }
        }
    }

    @Test(
        "reads no status from blocks that do not begin with one",
        arguments: [
            [], [0x82], [0x80], [0xc0], [0x20], [0x48], [0x48, 0x03, 0x32, 0x30], [0x48, 0x02, 0x32, 0x30],
            [0x48, 0x03, 0x32, 0x30, 0x61], [0x44, 0x03, 0x32, 0x30, 0x30], [0x48, 0x82, 0xff, 0xff],
            [0x48, 0x81, 0x10], [0x3f, 0xff], [0x48, 0x7f, 0xff],
        ] as [[UInt8]]
    )
    func noStatus(block: [UInt8]) {
        #expect(HPACKStatus.decode(block) == nil)
    }

    @Test("skips changes of the table's size, long ones too")
    func tableSizes() {
        #expect(HPACKStatus.decode([0x20, 0x3f, 0xe1, 0x1f, 0x88] as [UInt8]) == 200)
    }

    @Test("writes requests that a real decoder reads", arguments: ["GET", "POST", "HEAD"])
    func request(method: String) throws {
        let long = String(repeating: "x", count: 300)
        let request = HTTP2Request(
            method,
            "/machine/map?a=b",
            authority: "unused",
            fields: [("ts-lb", "nodekey:00"), ("long", long)],
            body: ByteBuffer(string: "12345")
        )
        var block = ByteBuffer()
        HPACKRequest.write(request, to: &block)
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        let headers = try decoder.decodeHeaders(from: &block)
        #expect(headers.first(name: ":method") == method)
        #expect(headers.first(name: ":scheme") == "https")
        #expect(headers.first(name: ":authority") == "unused")
        #expect(headers.first(name: ":path") == "/machine/map?a=b")
        #expect(headers.first(name: "content-length") == "5")
        #expect(headers.first(name: "ts-lb") == "nodekey:00")
        #expect(headers.first(name: "long") == long)
    }
}
