// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a user may be called.
///
/// - Source: headscale's `ValidateUsername`: at least two characters, starts with a letter, then letters, digits,
///   hyphens, dots, underscores and at most one `@`.
enum UserName {
    static let bytesMax = 255

    static func check(_ name: String) throws(ModelError) {
        let bytes = Array(name.utf8)
        guard bytes.count >= 2, bytes.count <= bytesMax else {
            throw ModelError(.invalid, "a user's name has 2 to \(bytesMax) characters; '\(name.prefix(40))' has not")
        }
        guard name.unicodeScalars.first?.properties.isAlphabetic == true else {
            throw ModelError(.invalid, "a user's name starts with a letter; '\(name)' does not")
        }
        for scalar in name.unicodeScalars {
            let isWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            guard isWord || "-._@".unicodeScalars.contains(scalar) else {
                throw ModelError(
                    .invalid,
                    "a user's name has only letters, digits, '-', '.', '_' and at most one '@'; '\(name)' has something else"
                )
            }
        }
        guard bytes.count(where: { $0 == UInt8(ascii: "@") }) <= 1 else {
            throw ModelError(.invalid, "a user's name has at most one '@'; '\(name)' has more")
        }
    }

    /// Display names, e-mail addresses and picture URLs: anything printable, since databases and clients choke on the rest.
    static func checkFreeText(_ text: String) throws(ModelError) {
        guard text.utf8.count <= bytesMax * 4 else {
            throw ModelError(
                .invalid,
                "a user's display name, e-mail and picture URL have at most \(bytesMax * 4) bytes"
            )
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw ModelError(.invalid, "a user's display name, e-mail and picture URL may not hold control characters")
        }
    }
}
