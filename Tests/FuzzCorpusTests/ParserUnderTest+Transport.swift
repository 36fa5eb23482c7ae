// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHTTP1
import NeedleNoise
import NeedleTesting

@testable import NeedleTransport

// The fuzzer compiles this file too, by a symbolic link in FuzzTesting.

extension ParserUnderTest {
    /// What the transport parses itself.
    static let transport = [frontDoor, recordReader, http2Server]

    /// A request as the HTTP parser hands it on.
    ///
    /// - Shape: a line of method, space, target; then lines of name, colon, value.
    private static let frontDoor = Self("front-door") { (input) throws(ParserFault) in
        let lines = String(decoding: input, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines[0].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard start.count == 2, let target = RequestTarget(String(start[1])) else { return }
        let written = target.path + (target.query.map { "?" + $0 } ?? "")
        try ParserFault.unlessEqual(RequestTarget(written), target, "target")
        var head = HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: String(start[0])),
            uri: String(start[1])
        )
        for line in lines.dropFirst() {
            let field = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            // The HTTP parser refuses other names, and HTTPHeaders would trap at them.
            guard field[0].utf8.allSatisfy({ $0 < 0x80 }) else { return }
            head.headers.add(name: String(field[0]), value: field.count > 1 ? String(field[1]) : "")
        }
        _ = UpgradeRequest.couldUpgrade(head)
        if case .noise(let initiation, _) = UpgradeRequest(head: head, target: target) {
            guard (1...UpgradeRequest.handshakeTextBytesMax).contains(initiation.count) else {
                throw ParserFault("an initiation of \(initiation.count) bytes was handed on")
            }
        }
    }

    /// Records cut anywhere, opened in place in the buffers they came in.
    private static let recordReader = Self("record-reader") { (input) throws(ParserFault) in
        let whole = try RecordReading([input])
        let pieces = try RecordReading(input.growingPieces)
        try ParserFault.unlessEqual(whole.isRefused, pieces.isRefused, "refused in one piece")
        // What was opened before a refusal is given up with the connection, so only the complete readings compare.
        if !whole.isRefused { try ParserFault.unlessEqual(whole.plaintext, pieces.plaintext, "in one piece") }
    }
}

/// What a stream of records said.
private struct RecordReading {
    private(set) var plaintext: [UInt8] = []
    private(set) var isRefused = false

    init(_ pieces: [[UInt8]]) throws(ParserFault) {
        guard let opener = NoiseFixture.connection?.opener else { throw ParserFault("the fixed handshake fails") }
        var reader = RecordReader(opener: opener)
        do throws(NoiseError) {
            for piece in pieces {
                if let text = try reader.receive(ByteBuffer(bytes: piece)) { plaintext += text.readableBytesView }
            }
        } catch {
            isRefused = true
        }
    }
}
