// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import GRDB
internal import NeedleStorage
internal import NeedleTypes
internal import NeedleWire

/// Takes a record's values out of the columns of a row, from left to right.
///
/// Nothing in a file is trusted: whatever does not fit throws and names the row, where GRDB's own conversions trap.
struct RowReader {
    /// Elements of one stored list; far more than the model lets in.
    static let listElementsMax = 1_048_576
    /// Bytes of one element of a stored list.
    static let elementBytesMax = 1_048_576

    private let row: Row
    private let table: String
    private let columns: [String]
    private var position = 0

    init(_ row: Row, table: String, columns: [String]) {
        self.row = row
        self.table = table
        self.columns = columns
    }

    mutating func text() throws(StoreError) -> String {
        guard case .string(let text) = next() else { throw corrupt("a text") }
        return text
    }

    mutating func integer() throws(StoreError) -> Int64 {
        guard case .int64(let number) = next() else { throw corrupt("a whole number") }
        return number
    }

    mutating func int() throws(StoreError) -> Int {
        Int(try integer())
    }

    mutating func id<Kind>() throws(StoreError) -> Identifier<Kind> {
        Identifier(try integer())
    }

    mutating func optionalID<Kind>() throws(StoreError) -> Identifier<Kind>? {
        switch next() {
        case .null: nil
        case .int64(let number): Identifier(number)
        default: throw corrupt("a whole number or nothing")
        }
    }

    mutating func flag() throws(StoreError) -> Bool {
        switch try integer() {
        case 0: false
        case 1: true
        default: throw corrupt("0 or 1")
        }
    }

    mutating func bytes() throws(StoreError) -> [UInt8] {
        guard case .blob(let data) = next() else { throw corrupt("bytes") }
        return Array(data)
    }

    mutating func key<Role>() throws(StoreError) -> PublicKey<Role> {
        guard let key = PublicKey<Role>(text: try text()) else { throw corrupt("'\(Role.prefix)' and 64 hex digits") }
        return key
    }

    mutating func address() throws(StoreError) -> IPAddress? {
        try optional("an IP address or nothing") { IPAddress(text: $0) }
    }

    mutating func time() throws(StoreError) -> Timestamp {
        guard let time = Timestamp(rfc3339: try text()) else { throw corrupt("an RFC 3339 time") }
        return time
    }

    mutating func optionalTime() throws(StoreError) -> Timestamp? {
        try optional("an RFC 3339 time or nothing") { Timestamp(rfc3339: $0) }
    }

    mutating func choice<Value: RawRepresentable<String>>(of _: Value.Type = Value.self) throws(StoreError) -> Value {
        guard let value = Value(rawValue: try text()) else { throw corrupt("one of the names this version knows") }
        return value
    }

    mutating func strings() throws(StoreError) -> [String] {
        try list { (reader) throws(WireError) in try reader.string(max: Self.elementBytesMax) }
    }

    mutating func endpoints() throws(StoreError) -> [Endpoint] {
        try list { (reader) throws(WireError) in try Endpoint(from: &reader) }
    }

    mutating func prefixes() throws(StoreError) -> [IPPrefix] {
        try list { (reader) throws(WireError) in try IPPrefix(from: &reader) }
    }

    mutating func json<Value: JSONReadable>() throws(StoreError) -> Value {
        let text = try text()
        do throws(WireError) {
            return try Value.decode(text.utf8)
        } catch {
            throw corrupt("JSON that can be read", error)
        }
    }

    // MARK: - Helpers

    private mutating func next() -> DatabaseValue.Storage {
        defer { position += 1 }
        return value(at: position)
    }

    private func value(at index: Int) -> DatabaseValue.Storage {
        let value: DatabaseValue = row[index]
        return value.storage
    }

    private mutating func optional<Value>(
        _ expected: String,
        _ convert: (String) -> Value?
    ) throws(StoreError) -> Value? {
        switch next() {
        case .null: return nil
        case .string(let text):
            if let value = convert(text) { return value }
            throw corrupt(expected)
        default: throw corrupt(expected)
        }
    }

    private mutating func list<Element>(
        _ element: (inout JSONReader) throws(WireError) -> Element
    ) throws(StoreError) -> [Element] {
        let text = try text()
        do throws(WireError) {
            var reader = try JSONReader(Array(text.utf8), keys: .exact)
            let elements = try reader.list(max: Self.listElementsMax, element)
            try reader.end()
            return elements ?? []
        } catch {
            throw corrupt("a JSON array", error)
        }
    }

    /// What is wrong with the value read last; says where it is and what was expected, never what it is.
    private func corrupt(_ expected: String, _ cause: WireError? = nil) -> StoreError {
        let column = position > 0 && position <= columns.count ? columns[position - 1] : "?"
        let id = if case .int64(let number) = value(at: 0) { "\(number)" } else { "unknown" }
        return StoreError(
            .corrupt,
            "the row with id \(id) of table \(table) cannot be read: \(column) is not \(expected); restore a backup or correct the row",
            cause: cause
        )
    }
}
