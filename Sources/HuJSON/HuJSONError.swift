// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a text is not HuJSON, and where.
package struct HuJSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Code: Equatable, Sendable {
        /// Larger than ``HuJSONLimits/bytesMax``.
        case tooLarge
        /// More brackets inside one another than ``HuJSONLimits/depthMax``.
        case tooDeep
        /// Not UTF-8.
        case invalidUTF8
        /// The text ends inside a value.
        case unexpectedEnd
        /// Something else was expected here.
        case unexpectedCharacter
        /// A number that JSON does not know, such as `01` or `1.`.
        case invalidNumber
        /// A word other than `true`, `false` and `null`.
        case invalidLiteral
        /// A backslash followed by something that JSON does not know.
        case invalidEscape
        /// A line break or another control character inside a string.
        case controlCharacter
        /// A block comment without an end.
        case unterminatedComment
        /// More text after the value.
        case trailingContent
    }

    /// What is wrong.
    package let code: Code
    /// Where.
    package let position: HuJSONPosition
    /// What is wrong, as a sentence without the place.
    package let message: String

    package var description: String { "\(position): \(message)" }
}
