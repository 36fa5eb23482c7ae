// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Objects whose keys are numbers, such as regions and nodes by id.
extension JSONReader {
    /// Reads an object of at most `max` entries, or nothing for null; values that are null are left out.
    package mutating func numbered<Value: JSONReadable>(max: Int) throws(WireError) -> [Int: Value]? {
        if try null() { return nil }
        try beginObject()
        var values: [Int: Value] = [:]
        while let key = try nextKey() {
            guard let number = Int(key) else { throw failure(.invalidValue, "expected a number as key") }
            guard values.count < max || values[number] != nil else {
                throw failure(.limitExceeded, "more than \(max) entries")
            }
            if let value: Value = try value() { values[number] = value }
        }
        return values
    }

    /// Reads an object by id; see ``numbered(max:)``.
    package mutating func identified<Kind, Value: JSONReadable>(
        max: Int
    ) throws(WireError) -> [Identifier<Kind>: Value]? {
        guard let values: [Int: Value] = try numbered(max: max) else { return nil }
        return Dictionary(uniqueKeysWithValues: values.map { (Identifier(Int64($0.key)), $0.value) })
    }
}

extension JSONWriter {
    /// Writes a field with an object, keys in order of number.
    package mutating func field(_ name: StaticString, numbered object: [Int: some JSONWritable]) {
        field(name)
        beginObject()
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            field(named: String(key))
            value.write(to: &self)
        }
        endObject()
    }

    /// Writes a field with an object by id, in order of id, if there is one.
    package mutating func field<Kind>(
        _ name: StaticString,
        ifPresent object: [Identifier<Kind>: some JSONWritable]?
    ) {
        guard let object else { return }
        field(name)
        beginObject()
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            field(named: key.description)
            value.write(to: &self)
        }
        endObject()
    }
}
