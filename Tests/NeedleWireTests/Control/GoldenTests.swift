// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct GoldenTests {
    @Test("every field is read and written under its name, in order", arguments: GoldenCase.all)
    func full(golden: GoldenCase) throws {
        #expect(try golden.rewrite(golden.full) == golden.full)
    }

    @Test("what clients cannot do without is written even when empty, all else is left out", arguments: GoldenCase.all)
    func empty(golden: GoldenCase) throws {
        #expect(try golden.rewrite("{}") == golden.empty)
    }

    @Test("null leaves a field as it is, and no field is written as null", arguments: GoldenCase.all)
    func nulls(golden: GoldenCase) throws {
        let fields = try RawFields.decode(text: golden.full).names
        #expect(!fields.isEmpty)
        for field in fields {
            #expect(try golden.rewrite(#"{"\#(field)":null}"#) == golden.empty, "\(field)")
        }
    }

    @Test("a field of the wrong type is refused by name", arguments: GoldenCase.all)
    func wrongTypes(golden: GoldenCase) throws {
        for field in try RawFields.decode(text: golden.full).names {
            // No field takes both an object and an array with an object in it.
            let other = golden.full.contains(#""\#(field)":["#) ? "{}" : "[{}]"
            let wrong = #expect(throws: WireError.self) { try golden.rewrite(#"{"\#(field)":\#(other)}"#) }
            #expect(wrong?.code == .wrongType, "\(field)")
            #expect(wrong?.path == field)
        }
    }
}

/// The names of an object's fields.
private struct RawFields: JSONReadable {
    var names: [String] = []

    init(from reader: inout JSONReader) throws(WireError) {
        try reader.beginObject()
        while let name = try reader.nextKey() {
            names.append(name)
            try reader.skip()
        }
    }
}
