// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@Suite struct STUNTests {
    private let transaction: STUNTransactionID

    init() throws {
        transaction = try #require(STUNTransactionID(bytes: Array(UInt8(1)...12)))
    }

    /// Sample responses with attributes that we skip.
    ///
    /// - Source: RFC 5769 sections 2.2 and 2.3.
    static let published: [(String, String)] = [
        (
            "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
                + "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96",
            "192.0.2.1:32853"
        ),
        (
            "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
                + "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
                + "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853"
        ),
    ]

    @Test("reads the responses that the RFC shows", arguments: published)
    func publishedSamples(hex: String, source: String) throws {
        let datagram = try #require(Hex.decode(hex.utf8))
        let response = try #require(STUNBindingResponse(datagram: datagram))
        #expect(response.source == Endpoint(text: source))
        #expect(Hex.encode(response.transaction.bytes) == "b7e7a701bc34d686fa87dfae")
    }

    @Test("a request has the client's layout and is read back")
    func request() throws {
        let request = STUNBindingRequest(transaction: transaction)
        let datagram = request.datagram
        let before = "0001" + "0014" + "2112a442" + "0102030405060708090a0b0c" + "80220008" + "7461696c6e6f6465"
        #expect(Hex.encode(datagram.prefix(36)) == before + "80280004")
        #expect(datagram.count == 40)
        // zlib's crc32 of the 32 bytes before the attribute, combined with 0x5354554e.
        #expect(Hex.encode(datagram.suffix(4)) == "b32c370f")
        #expect(STUNBindingRequest(datagram: datagram) == request)
    }

    @Test("a response has one masked address")
    func response() throws {
        let v4 = STUNBindingResponse(transaction: transaction, source: try #require(Endpoint(text: "127.0.0.1:4660")))
        let head = "0101" + "000c" + "2112a442" + "0102030405060708090a0b0c"
        #expect(Hex.encode(v4.datagram) == head + "0020" + "0008" + "0001" + "3326" + "5e12a443")
        #expect(STUNBindingResponse(datagram: v4.datagram) == v4)
        let v6 = STUNBindingResponse(transaction: transaction, source: try #require(Endpoint(text: "[fe80::1]:65535")))
        #expect(v6.datagram.count == 44)
        #expect(STUNBindingResponse(datagram: v6.datagram) == v6)
    }

    @Test("IPv4-mapped sources are answered as IPv4")
    func mapped() throws {
        let source = try #require(Endpoint(text: "[::ffff:192.0.2.7]:9"))
        let response = STUNBindingResponse(transaction: transaction, source: source)
        #expect(response.source == Endpoint(text: "192.0.2.7:9"))
        #expect(response.datagram.count == 32)
    }

    @Test("older servers' address attributes are read too")
    func olderAttributes() throws {
        let v4 = STUNBindingResponse(transaction: transaction, source: try #require(Endpoint(text: "192.0.2.1:5")))
        var draft = v4.datagram
        draft[20] = 0x80
        #expect(STUNBindingResponse(datagram: draft) == v4)
        var plain = v4.datagram
        plain.replaceSubrange(20..<32, with: [0, 1, 0, 8, 0, 1, 0, 5, 192, 0, 2, 1])
        #expect(STUNBindingResponse(datagram: plain) == v4)
    }

    @Test("any single changed byte of a request but the transaction's is met with silence")
    func changedBytes() {
        let datagram = STUNBindingRequest(transaction: transaction).datagram
        for index in datagram.indices {
            for flip in [UInt8(1), 0x80] {
                var changed = datagram
                changed[index] ^= flip
                #expect(STUNBindingRequest(datagram: changed) == nil, "byte \(index)")
            }
        }
    }

    @Test("truncated, extended and empty datagrams are met with silence")
    func lengths() {
        let datagram = STUNBindingRequest(transaction: transaction).datagram
        for count in 0..<datagram.count {
            #expect(STUNBindingRequest(datagram: Array(datagram.prefix(count))) == nil)
        }
        #expect(STUNBindingRequest(datagram: datagram + [0]) == nil)
        #expect(STUNBindingRequest(datagram: Array(repeating: 0, count: 70_000)) == nil)
    }

    @Test("a response is no request and a request no response")
    func direction() throws {
        let source = try #require(Endpoint(text: "192.0.2.1:5"))
        let response = STUNBindingResponse(transaction: transaction, source: source)
        #expect(STUNBindingRequest(datagram: response.datagram) == nil)
        #expect(STUNBindingResponse(datagram: STUNBindingRequest(transaction: transaction).datagram) == nil)
    }

    @Test("random addresses and transactions round-trip; mutations never trap", arguments: UInt64(0)..<50)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let transaction = STUNTransactionID(using: &random)
        #expect(STUNTransactionID(bytes: transaction.bytes) == transaction)
        let family: IPAddress.Family = Bool.random(using: &random) ? .v4 : .v6
        let address = IPAddress(family: family, bits: UInt128.random(in: .min ... .max, using: &random))
        let port = UInt16.random(in: .min ... .max, using: &random)
        let response = STUNBindingResponse(transaction: transaction, source: Endpoint(address: address, port: port))
        #expect(STUNBindingResponse(datagram: response.datagram) == response)

        let request = STUNBindingRequest(transaction: transaction)
        #expect(STUNBindingRequest(datagram: request.datagram) == request)
        for original in [request.datagram, response.datagram] {
            for _ in 0..<200 {
                var changed = original
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                changed.removeLast(Int.random(in: 0...changed.count, using: &random) / 8)
                if let read = STUNBindingRequest(datagram: changed) { #expect(read.datagram == changed) }
                _ = STUNBindingResponse(datagram: changed)
            }
        }
    }

    @Test("transactions are twelve bytes")
    func transactionLength() {
        #expect(STUNTransactionID(bytes: Array(repeating: UInt8(0), count: 11)) == nil)
        #expect(STUNTransactionID(bytes: Array(repeating: UInt8(0), count: 13)) == nil)
    }
}
