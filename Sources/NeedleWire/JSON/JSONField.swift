// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The keys of one JSON object, each with Go's spelling as its raw value.
package protocol JSONField: RawRepresentable<String>, CaseIterable, Sendable {
    /// A `static let` in each conforming type, since a protocol cannot hold one.
    static var table: JSONFieldTable<Self> { get }
}

/// Finds the field that a key of the message names.
///
/// Sorted by length, so that a key is compared with the two or three names that are as long as it is.
package struct JSONFieldTable<Field: JSONField>: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        let folded: [UInt8]
        let field: Field
    }

    private var byLength: [[Entry]] = []

    /// The table of all cases.
    package init() {
        for field in Field.allCases {
            let name = Array(field.rawValue.utf8)
            while byLength.count <= name.count { byLength.append([]) }
            byLength[name.count].append(Entry(name: name, folded: name.map(Self.fold), field: field))
        }
    }

    /// The field that `key` names, if any.
    func field(named key: ArraySlice<UInt8>, matching: JSONReader.KeyMatching) -> Field? {
        guard key.count < byLength.count else { return nil }
        for entry in byLength[key.count] {
            let matches =
                switch matching {
                case .exact: entry.name.elementsEqual(key)
                case .anyCase: entry.folded.elementsEqual(key, by: { $0 == Self.fold($1) })
                }
            if matches { return entry.field }
        }
        return nil
    }

    private static func fold(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
