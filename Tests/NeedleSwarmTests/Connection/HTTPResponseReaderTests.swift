// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleSwarm

@Suite struct HTTPResponseReaderTests {
    private static let text =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\ncontent-LENGTH: 6\r\n\r\nno\nway" + "rest"

    @Test("reads a response when all of it is there, and leaves what follows")
    func whole() throws {
        let bytes = Array(Self.text.utf8)
        for count in 0..<(bytes.count - 4) {
            var input = ByteBuffer(bytes: bytes.prefix(count))
            #expect(try HTTPResponseReader.next(&input) == nil)
            #expect(input.readableBytes == count)
        }
        var input = ByteBuffer(bytes: bytes)
        let response = try #require(try HTTPResponseReader.next(&input))
        #expect(response.status == 400)
        #expect(response.fields["content-type"] == "text/plain")
        #expect(response.text == "no way")
        #expect(String(buffer: input) == "rest")
    }

    @Test("an upgrade has no body")
    func upgrade() throws {
        var input = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\u{2}")
        #expect(try HTTPResponseReader.next(&input)?.fields["upgrade"] == "x")
        #expect(input.readableBytes == 1)
    }

    @Test(
        "refuses what it cannot read",
        arguments: [
            "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 2000 x\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", String(repeating: "a", count: 20_000),
        ]
    )
    func refused(text: String) {
        var input = ByteBuffer(string: text)
        #expect(throws: ClientError.self) { try HTTPResponseReader.next(&input) }
    }
}
