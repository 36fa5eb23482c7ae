// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import GRDB
internal import NeedleStorage
internal import NeedleTypes
internal import NeedleWire

/// Puts a record's values into the columns of a row, from left to right.
struct RowWriter {
    private(set) var values: [DatabaseValue] = []
    /// Whether a text held a NUL, at which SQLite's text would end.
    private(set) var hasUnstorableText = false

    init(tailnet: TailnetID, columns: Int) {
        values.reserveCapacity(columns + 1)
        integer(tailnet.value)
    }

    mutating func text(_ text: String) {
        // Only free text can hold one: JSON escapes it, and the text forms of keys and addresses have none.
        if text.utf8.contains(0) { hasUnstorableText = true }
        values.append(text.databaseValue)
    }

    mutating func integer(_ number: Int64) {
        values.append(number.databaseValue)
    }

    mutating func integer(_ number: Int) {
        integer(Int64(number))
    }

    mutating func id<Kind>(_ id: Identifier<Kind>?) {
        values.append(id?.value.databaseValue ?? .null)
    }

    mutating func flag(_ flag: Bool) {
        integer(flag ? 1 : 0)
    }

    mutating func bytes(_ bytes: [UInt8]) {
        values.append(Data(bytes).databaseValue)
    }

    mutating func key(_ key: PublicKey<some KeyRole>) {
        values.append(key.text.databaseValue)
    }

    mutating func address(_ address: IPAddress?) {
        values.append(address?.description.databaseValue ?? .null)
    }

    mutating func time(_ time: Timestamp?) {
        values.append(time?.description.databaseValue ?? .null)
    }

    mutating func list(_ elements: [some JSONWritable]) {
        var writer = JSONWriter()
        writer.beginArray()
        for element in elements {
            writer.element()
            element.write(to: &writer)
        }
        writer.endArray()
        json(writer.bytes)
    }

    mutating func json(_ json: [UInt8]) {
        values.append(String(decoding: json, as: UTF8.self).databaseValue)
    }
}
