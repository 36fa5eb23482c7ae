// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct JSONReaderTests {
    @Test(
        "keeps values that it does not know as they are",
        arguments: [
            "null", "true", "false", "0", "-0", "12.5e-3", "1E+2", #""a\u00e9\/\ud83d\udc26""#, "[]", "{}",
            #"[1, {"a" : [ ]}]"#, #"{"a":{"b":null}}"#,
        ]
    )
    func raw(text: String) throws {
        #expect(try RawJSON(validating: text).text == text)
        #expect(try RawJSON(validating: " \n\t\r" + text + " ").text == text)
    }

    @Test(
        "refuses what is not JSON",
        arguments: [
            "", " ", "nul", "nulll", "tru", "01", "-", "1.", ".5", "1e", "1e+", "+1", "NaN", "Infinity", "'a'", "\"a",
            "\"\\",
            #""\x""#, #""\u12g4""#, #""\u12"#, "\"\n\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", #"{"a"#,
            #"{"a""#,
            #"{"a":"#, #"{"a":1"#, #"{"a":1,"#, #"{"a":1,}"#, "{a:1}", #"{"a" 1}"#, #"{"a":1 "b":2}"#, "{1:2}", "[}",
            "{]", "1 2",
            "[]]", "// x", "\u{feff}1",
        ]
    )
    func notJSON(text: String) {
        #expect(throws: WireError.self) { try RawJSON(validating: text) }
    }

    @Test(
        "replaces escapes",
        arguments: [
            (#""\u003c\u003E\u0026""#, "<>&"), (#""\ud83d\udc26""#, "🐦"),
            (#""\b\f\n\r\t\"\\\/""#, "\u{8}\u{c}\n\r\t\"\\/"),
            (#""a\u0000b""#, "a\u{0}b"), (#""é\u00e9""#, "éé"),
        ]
    )
    func escapes(json: String, text: String) throws {
        #expect(try String.decode(text: json) == text)
    }

    @Test(
        "refuses half of a surrogate pair",
        arguments: [#""\ud83d""#, #""\udc26""#, #""\ud83dx""#, #""\ud83d\u0041""#, #""\ud83d\ud83d""#, #""\ud83d\n""#]
    )
    func surrogates(json: String) {
        let error = #expect(throws: WireError.self) { try String.decode(text: json) }
        #expect(error?.code == .malformed)
    }

    @Test(
        "refuses bytes that are not UTF-8, wherever they stand",
        arguments: [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] as [[UInt8]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        for json in [Array("\"".utf8) + bytes + Array("\"".utf8), bytes, Array("{\"x\":1}".utf8) + bytes] {
            let error = #expect(throws: WireError.self) { try RawJSON.decode(json) }
            #expect(error?.code == .malformed)
        }
    }

    @Test("takes whole numbers to the ends of their range and not beyond")
    func integers() throws {
        #expect(try Int64.decode(text: "-9223372036854775808") == .min)
        #expect(try Int64.decode(text: "9223372036854775807") == .max)
        #expect(try UInt16.decode(text: "65535") == 65535)
        #expect(try UInt16.decode(text: "-0") == 0)
        for text in ["9223372036854775808", "-9223372036854775809", "1000000000000000000000"] {
            #expect(throws: WireError(.invalidValue, message: "expected a number from \(Int64.min) to \(Int64.max)")) {
                try Int64.decode(text: text)
            }
        }
        for text in ["65536", "-1"] {
            #expect(throws: WireError.self) { try UInt16.decode(text: text) }
        }
        for text in ["1.0", "1e3", "\"1\"", "true", "[]"] {
            let error = #expect(throws: WireError.self) { try Int.decode(text: text) }
            #expect(error?.code == .wrongType)
        }
    }

    @Test("refuses numbers that are too large or too long")
    func numbers() throws {
        #expect(throws: WireError(.invalidValue, message: "expected a number that fits a 64-bit float")) {
            try Double.decode(text: "1e999")
        }
        #expect(try Double.decode(text: String(repeating: "1", count: 64)) > 1e63)
        let error = #expect(throws: WireError.self) { try RawJSON(validating: String(repeating: "1", count: 65)) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("stops at the deepest level allowed", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(open: String, close: String) throws {
        func nested(_ levels: Int) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        #expect(try RawJSON(validating: nested(WireLimits.depthMax)).bytes.count > 0)
        for levels in [WireLimits.depthMax + 1, 100_000] {
            let error = #expect(throws: WireError.self) { try RawJSON(validating: nested(levels)) }
            #expect(error?.code == .limitExceeded)
        }
    }

    @Test("of a key that comes twice the last value counts")
    func duplicates() throws {
        #expect(
            try PortRange.decode(text: #"{"First":1,"FIRST":2,"Last":9,"first":3}"#) == PortRange(first: 3, last: 9)
        )
    }

    @Test("finds keys in any case, and with escapes")
    func keyCase() throws {
        let text = #"{"fIrSt":4,"\u004cast":5,"Lasst":6,"":7,"La":8,"unknown":{"First":[{}]}}"#
        #expect(try PortRange.decode(text: text) == PortRange(first: 4, last: 5))
    }

    @Test("compares keys letter by letter in what a server sends")
    func exactKeys() throws {
        #expect(try DERPAdmitClientResponse.decode(text: #"{"allow":true}"#).allow == false)
        #expect(try MapResponse.decode(text: #"{"keepAlive":true,"Domain":"d"}"#).keepAlive == false)
    }

    @Test("says where the mistake is")
    func paths() {
        let text = #"{"Version":138,"HostInfo":{"Services":[{"Port":1},{"Port":"x"}]}}"#
        let error = #expect(throws: WireError.self) { try MapRequest.decode(text: text) }
        #expect(error?.description == "HostInfo.Services[1].Port: expected a number")
        let long = #"{"\#(String(repeating: "k", count: 5000))":["#
        #expect((#expect(throws: WireError.self) { try MapRequest.decode(text: long) })?.path.utf8.count == 64)
    }

    @Test("takes base64 with padding, and nothing else")
    func base64() throws {
        func signature(_ value: String) throws -> [UInt8]? {
            try RegisterRequest.decode(text: #"{"NodeKeySignature":\#(value)}"#).nodeKeySignature
        }
        #expect(try signature(#""AQI=""#) == [1, 2])
        #expect(try signature("null") == nil)
        #expect(try signature(#""""#) == nil)
        for bad in [#""AQI""#, #""A*I=""#, "1", "[1,2]"] {
            #expect(throws: WireError.self) { try signature(bad) }
        }
    }
}
