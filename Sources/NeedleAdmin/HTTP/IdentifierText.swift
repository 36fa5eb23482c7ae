// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleTypes

/// Ids in paths, queries and bodies: decimal numbers as text.
enum IdentifierText {
    /// Reads `text` as the id of a `noun`.
    ///
    /// - Throws: `invalid` for anything but decimal digits within 64 bits.
    static func parse<Kind>(
        _ text: String,
        of noun: String,
        as type: Identifier<Kind>.Type = Identifier<Kind>.self
    ) throws(ModelError) -> Identifier<Kind> {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let value = Int64(text)
        else {
            throw ModelError(.invalid, "a \(noun)'s id is a number; '\(text.prefix(40))' is not one")
        }
        return Identifier(value)
    }
}
