// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@Suite struct JSONWriterTests {
    @Test(
        "escapes quotes, backslashes and control characters, and nothing else",
        arguments: [
            ("a/b", #""a/b""#), ("<&>", #""<&>""#), ("Köln 東京 🐦", #""Köln 東京 🐦""#), ("\u{2028}", "\"\u{2028}\""),
            (#"a"b\c"#, #""a\"b\\c""#), ("\n\r\t\u{0}\u{1f}\u{8}", #""\n\r\t\u0000\u001f\u0008""#),
            ("\u{7f}", "\"\u{7f}\""),
            ("", #""""#),
        ]
    )
    func strings(text: String, json: String) throws {
        #expect(text.jsonText == json)
        #expect(try String.decode(text: json) == text)
    }

    @Test("a text for people loses what would need an escape")
    func displayStrings() {
        var writer = JSONWriter()
        writer.displayString("Bob \"the \\ box\"\n\u{1}ü")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #""Bob the  boxü""#)
    }

    @Test("writes whole numbers up to the ends of their range")
    func integers() {
        #expect(Int64.min.jsonText == "-9223372036854775808")
        #expect(UInt64.max.jsonText == "18446744073709551615")
        #expect(0.jsonText == "0")
        #expect((-10).jsonText == "-10")
    }

    @Test(
        "writes numbers that JSON has",
        arguments: [0, 1, -1.5, 1e-300, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0.1, 1e16]
    )
    func doubles(number: Double) throws {
        #expect(try Double.decode(text: number.jsonText) == number)
    }

    @Test("writes 0 for what is no number", arguments: [Double.infinity, -.infinity, .nan])
    func noNumbers(number: Double) {
        #expect(number.jsonText == "0.0")
    }

    @Test("puts commas between fields and elements, and none elsewhere")
    func commas() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("a", [[Int]]().map(RawList.init))
        writer.field("b", [RawList([]), RawList([1, 2])])
        writer.field("c", ["z": 1, "a": 2, "{": 3])
        writer.field("d", "{")
        writer.field("e", "[")
        writer.field("f", true)
        writer.endObject()
        let expected = ##"{"a":[],"b":[[],[1,2]],"c":{"a":2,"z":1,"{":3},"d":"{","e":"[","f":true}"##
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test("writes addresses as the C library does", arguments: UInt64(1)...4)
    func addresses(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            // Groups are often zero, so that runs of every length and place occur.
            let bits = (0..<8).reduce(UInt128(0)) { sum, _ in
                let group = Bool.random(using: &random) ? 0 : UInt16.random(in: 0...UInt16.max, using: &random)
                return sum << 16 | UInt128(group)
            }
            let address = IPAddress(family: Bool.random(using: &random) ? .v6 : .v4, bits: bits)
            #expect(address.jsonText == "\"\(address)\"")
            let prefix = IPPrefix(address, length: Int.random(in: 0...32, using: &random))
            #expect(prefix?.jsonText == prefix.map { "\"\($0)\"" })
            let endpoint = Endpoint(address: address, port: UInt16.random(in: 0...UInt16.max, using: &random))
            #expect(endpoint.jsonText == "\"\(endpoint)\"")
        }
    }

    @Test(
        "writes mapped and compatible addresses as the C library does",
        arguments: ["::ffff:1.2.3.4", "::1.2.3.4", "::"]
    )
    func mixedAddresses(text: String) throws {
        #expect(try IPAddress.decode(text: "\"\(text)\"").jsonText == "\"\(text)\"")
    }

    @Test("writes keys and times in their text forms")
    func keysAndTimes() throws {
        #expect(try NodeKey.decode(text: "\"\(WireSample.nodeKey)\"").text == WireSample.nodeKey)
        #expect(try NodeKey.decode(text: "\"\(WireSample.nodeKey)\"").jsonText == "\"\(WireSample.nodeKey)\"")
        #expect(Timestamp(seconds: 0, nanoseconds: 5).jsonText == #""1970-01-01T00:00:00.000000005Z""#)
    }
}

/// A list inside a list.
private struct RawList: JSONWritable {
    let numbers: [Int]

    init(_ numbers: [Int]) {
        self.numbers = numbers
    }

    func write(to writer: inout JSONWriter) {
        writer.array(numbers)
    }
}
