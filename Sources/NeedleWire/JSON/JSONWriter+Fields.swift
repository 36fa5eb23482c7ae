// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Fields with a value, and the rules by which Go leaves empty ones out.
extension JSONWriter {
    /// Writes a field, whatever its value.
    package mutating func field(_ name: StaticString, _ value: some JSONWritable) {
        field(name)
        value.write(to: &self)
    }

    /// Writes a field with an array, even an empty one.
    package mutating func field(_ name: StaticString, _ values: [some JSONWritable]) {
        field(name)
        array(values)
    }

    /// Writes a field with a text for people; see ``displayString(_:)``.
    package mutating func field(_ name: StaticString, display text: String) {
        field(name)
        displayString(text)
    }

    /// Writes a field if there is a value.
    package mutating func field(_ name: StaticString, ifPresent value: (some JSONWritable)?) {
        if let value { field(name, value) }
    }

    /// Writes a field if there is an array, even an empty one.
    package mutating func field(_ name: StaticString, ifPresent values: [some JSONWritable]?) {
        if let values { field(name, values) }
    }

    /// Writes a field unless the text is empty.
    package mutating func field(_ name: StaticString, ifNotEmpty text: String) {
        if !text.isEmpty { field(name, text) }
    }

    /// Writes a field unless the array is empty.
    package mutating func field(_ name: StaticString, ifNotEmpty values: [some JSONWritable]) {
        if !values.isEmpty { field(name, values) }
    }

    /// Writes a field if the flag is set.
    package mutating func field(_ name: StaticString, ifTrue flag: Bool) {
        if flag { field(name, true) }
    }

    /// Writes a field unless the number is 0.
    package mutating func field(_ name: StaticString, ifNotZero number: some FixedWidthInteger & JSONWritable) {
        if number != 0 { field(name, number) }
    }

    /// Writes a field unless the key is zero.
    package mutating func field<Role>(_ name: StaticString, ifNotZero key: PublicKey<Role>) {
        if !key.isZero { field(name, key) }
    }

    /// Writes an array.
    package mutating func array(_ values: [some JSONWritable]) {
        beginArray()
        for value in values {
            element()
            value.write(to: &self)
        }
        endArray()
    }

    /// Writes a field with an object, keys in order so that equal values have equal bytes.
    package mutating func field(_ name: StaticString, _ object: [String: some JSONWritable]) {
        field(name)
        beginObject()
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            field(named: key)
            value.write(to: &self)
        }
        endObject()
    }

    /// Writes a field with an object of arrays, keys in order.
    package mutating func field(_ name: StaticString, lists object: [String: [some JSONWritable]]) {
        field(name)
        beginObject()
        for (key, values) in object.sorted(by: { $0.key < $1.key }) {
            field(named: key)
            array(values)
        }
        endObject()
    }
}
