// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// JSON with comments and trailing commas, read into a flat list of values that point into the text.
///
/// The text is kept as it was, so that a message can show a place and a policy can be given back byte for byte.
/// Values are 16 bytes each, whatever they hold: strings and numbers are decoded when asked for.
///
/// - Source: https://nigeltao.github.io/blog/2021/json-with-commas-comments.html
/// - Complexity: reading is linear in the text and does not recurse.
package struct HuJSONDocument: Sendable {
    /// One value; its children follow it in the list.
    struct Element: Sendable {
        let kind: HuJSONValue.Kind
        /// Whether a string holds a backslash.
        var isEscaped = false
        let start: Int32
        var end: Int32
        /// The index after the last value inside this one.
        var next: Int32
    }

    /// The bytes as they were given.
    package let text: [UInt8]
    let elements: [Element]

    /// Reads `text`.
    ///
    /// - Throws: ``HuJSONError`` at the first thing that is not HuJSON.
    package init(_ text: [UInt8], limits: HuJSONLimits = HuJSONLimits()) throws(HuJSONError) {
        var parser = HuJSONParser(limits: limits, text: text)
        elements = try parser.parse()
        self.text = text
    }

    /// Reads `text`.
    ///
    /// - Throws: ``HuJSONError`` at the first thing that is not HuJSON.
    package init(_ text: String, limits: HuJSONLimits = HuJSONLimits()) throws(HuJSONError) {
        try self.init(Array(text.utf8), limits: limits)
    }

    /// The outermost value.
    package var root: HuJSONValue { HuJSONValue(document: self, index: 0) }
}
