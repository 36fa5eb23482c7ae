// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Values that may be null, and lists of them.
extension JSONReader {
    /// Reads a value, or nothing for null.
    package mutating func value<Value: JSONReadable>(_: Value.Type = Value.self) throws(WireError) -> Value? {
        try null() ? nil : try Value(from: &self)
    }

    /// Reads a string of at most `max` bytes, or nothing for null.
    package mutating func text(max: Int) throws(WireError) -> String? {
        try null() ? nil : try string(max: max)
    }

    /// Reads the short texts that make up most of a `Hostinfo`; empty for null.
    package mutating func shortText() throws(WireError) -> String {
        try text(max: WireLimits.shortStringBytesMax) ?? ""
    }

    /// Reads an array of at most `max` elements, or nothing for null; elements that are null are left out.
    package mutating func list<Value: JSONReadable>(max: Int) throws(WireError) -> [Value]? {
        try list(max: max) { (reader) throws(WireError) in try reader.value() }
    }

    /// Reads an array with `read` for each element; elements for which that gives nothing are left out.
    package mutating func list<Value>(
        max: Int,
        _ read: (inout JSONReader) throws(WireError) -> Value?
    ) throws(WireError) -> [Value]? {
        if try null() { return nil }
        try beginArray()
        var values: [Value] = []
        while try nextElement() {
            guard values.count < max else { throw failure(.limitExceeded, "more than \(max) elements") }
            if let value = try read(&self) { values.append(value) }
        }
        return values
    }

    /// Reads an object of at most `max` entries, or nothing for null; values that are null are left out.
    package mutating func dictionary<Value: JSONReadable>(max: Int) throws(WireError) -> [String: Value]? {
        try dictionary(max: max) { (reader) throws(WireError) in try reader.value() }
    }

    /// Reads an object with `read` for each value; values for which that gives nothing are left out.
    package mutating func dictionary<Value>(
        max: Int,
        _ read: (inout JSONReader) throws(WireError) -> Value?
    ) throws(WireError) -> [String: Value]? {
        if try null() { return nil }
        try beginObject()
        var values: [String: Value] = [:]
        while let key = try nextKey() {
            guard values.count < max || values[key] != nil else {
                throw failure(.limitExceeded, "more than \(max) entries")
            }
            if let value = try read(&self) { values[key] = value }
        }
        return values
    }

    /// Reads a string and converts it, or fails saying what was expected.
    mutating func converted<Value>(_ expected: String, _ convert: (String) -> Value?) throws(WireError) -> Value {
        let text = try string(max: WireLimits.shortStringBytesMax)
        guard let value = convert(text) else { throw failure(.invalidValue, "expected \(expected)") }
        return value
    }

    /// Reads capabilities; a name whose value is null has an empty list.
    package mutating func capMap(max: Int) throws(WireError) -> CapMap? {
        try dictionary(max: max) { (reader) throws(WireError) in
            try reader.list(max: WireLimits.serverListMax) { (reader) throws(WireError) in
                try RawJSON(from: &reader)
            } ?? []
        }
    }
}
