// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import HuJSON

@Suite struct HuJSONDocumentTests {
    @Test("reads comments, trailing commas and blanks")
    func relaxedSyntax() throws {
        let document = try HuJSONDocument(
            """
            // first
            {
                /* a
                   b */ "name": [1, -2.5e+3, true, false, null,], // tail
                "other": {},
            }
            """
        )
        #expect(document.root.standardJSON == #"{"name":[1,-2.5e+3,true,false,null],"other":{}}"#)
    }

    @Test(
        "gives back plain JSON without blanks",
        arguments: [
            "[]", "{}", "1", "\"\"", "[[],[[]],{}]", #"{"a":{"b":[1,{"c":null}]},"d":[]}"#, #"{"a":[{}],"b":1}"#,
        ]
    )
    func plainJSON(text: String) throws {
        #expect(try HuJSONDocument(" \(text)\n").root.standardJSON == text)
    }

    @Test(
        "decodes strings",
        arguments: [
            (#""plain""#, "plain"), (#""é🚀""#, "é🚀"), (#""\u00e9""#, "é"), (#""\ud83d\ude80!""#, "🚀!"),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\ud83dx""#, "\u{fffd}x"),
            (#""\ud83d\ud83d""#, "\u{fffd}\u{fffd}"), (#""a\u0000b""#, "a\0b"), (#""// no comment""#, "// no comment"),
        ]
    )
    func strings(text: String, expected: String) throws {
        #expect(try HuJSONDocument(text).root.string == expected)
    }

    @Test("keeps the order of members and where they stand")
    func positions() throws {
        let text = "{\n  \"b\": 1,\n  \"é\": \"x\", \"a\": [\n2]\n}"
        let object = try HuJSONDocument(text).root.members
        let members = Array(try #require(object))
        #expect(members.map(\.name.string) == ["b", "é", "a"])
        #expect(members[0].name.position == HuJSONPosition(offset: 4, line: 2, column: 3))
        #expect(members[1].value.position == HuJSONPosition(offset: 20, line: 3, column: 8))
        #expect(members[2].name.position.column == 13)
        #expect(members[2].value.source == "[\n2]")
        let inner = try #require(members[2].value.elements).map(\.number)
        #expect(inner == ["2"])
        #expect(try String(decoding: HuJSONDocument(text).text, as: UTF8.self) == text)
    }

    @Test("knows the kind of a value and answers nothing for the others")
    func kinds() throws {
        let array = try HuJSONDocument(#"[null, true, 1, "s", [], {}]"#).root.elements
        let values = Array(try #require(array))
        #expect(values.map(\.kind) == [.null, .bool, .number, .string, .array, .object])
        #expect(values.map { $0.string != nil } == [false, false, false, true, false, false])
        #expect(values.map { $0.elements != nil } == [false, false, false, false, true, false])
        #expect(values.map { $0.members != nil } == [false, false, false, false, false, true])
        #expect(values.map(\.bool) == [nil, true, nil, nil, nil, nil])
        #expect(values[0].isNull)
    }

    @Test("takes a byte order mark")
    func byteOrderMark() throws {
        #expect(try HuJSONDocument("\u{feff}{}").root.kind == .object)
    }
}
