// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One place where bytes from outside come in, in the form that both the fuzzer and the mutation test feed.
///
/// Trapping is one way to fail. The other is a ``ParserFault``: what was read must read the same when it is written and
/// read again, and must not depend on how the bytes were cut on their way.
package struct ParserUnderTest: Sendable {
    /// Also the name of its folder in the corpus.
    package let name: String

    private let body: @Sendable ([UInt8]) throws(ParserFault) -> Void

    /// A parser of this name.
    package init(_ name: String, _ body: @escaping @Sendable ([UInt8]) throws(ParserFault) -> Void) {
        self.name = name
        self.body = body
    }

    /// Feeds one input; a refusal is as good as a success.
    package func check(_ input: [UInt8]) throws(ParserFault) {
        try body(input)
    }

    /// Those that can be reached without the transport.
    package static let all: [Self] = noise + json + derp + policy + [stunRequest, stunResponse, mapFrames]
}

extension ParserUnderTest: CustomStringConvertible {
    package var description: String { name }
}
