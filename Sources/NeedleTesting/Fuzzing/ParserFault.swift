// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A parser read something and then contradicted itself.
package struct ParserFault: Error, CustomStringConvertible {
    /// What went wrong, with the values that differ.
    package let description: String

    /// A fault with this text.
    package init(_ description: String) {
        self.description = description
    }

    /// Throws unless two ways to the same thing have led there.
    package static func unlessEqual<Value: Equatable>(
        _ found: Value,
        _ expected: Value,
        _ what: String
    ) throws(ParserFault) {
        guard found == expected else { throw ParserFault("\(what): \(found) is not \(expected)") }
    }
}
