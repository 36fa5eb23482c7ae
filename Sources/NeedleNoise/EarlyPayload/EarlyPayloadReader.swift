// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Takes the early payload, if there is one, off the front of what a server says.
///
/// Bytes come in as the records bring them; a payload may span several. What is not payload is handed on at once.
///
/// - Shape: magic → length → JSON → passing; or, at the first byte that is not magic, passing.
package struct EarlyPayloadReader: Sendable {
    /// What one piece of plaintext led to.
    package struct Progress: Equatable, Sendable {
        /// The payload's JSON, the one time that it is complete.
        package var json: [UInt8]?
        /// What belongs to HTTP/2.
        package var http2: [UInt8]
    }

    private enum Phase {
        case header
        case json(length: Int)
        case passing
        case refused(NoiseError)
    }

    private var phase = Phase.header
    /// What has come and cannot be handed on yet; it grows with what comes, not with what is announced.
    private var held: [UInt8] = []

    /// Waits for the first byte.
    package init() {}

    /// Whether it is known if there was a payload, and all of it has come.
    package var isSettled: Bool {
        if case .passing = phase { true } else { false }
    }

    /// Takes the next plaintext.
    ///
    /// - Throws: ``NoiseError/wrongLength(_:found:)`` if the payload exceeds ``EarlyPayload/lengthMax``, then and at
    ///   every later call.
    package mutating func receive(_ bytes: [UInt8]) throws(NoiseError) -> Progress {
        switch phase {
        case .header:
            held += bytes
            return try takeHeader()
        case .json(let length):
            held += bytes
            return takeJSON(length: length)
        case .passing:
            return Progress(json: nil, http2: bytes)
        case .refused(let error):
            throw error
        }
    }

    private mutating func takeHeader() throws(NoiseError) -> Progress {
        guard zip(held, EarlyPayload.magic).allSatisfy(==) else {
            phase = .passing
            let http2 = held
            held = []
            return Progress(json: nil, http2: http2)
        }
        guard held.count >= EarlyPayload.headerLength else { return Progress(json: nil, http2: []) }
        let lengthBytes = held[EarlyPayload.magic.count..<EarlyPayload.headerLength]
        let length = Int(lengthBytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        guard length <= EarlyPayload.lengthMax else {
            let error = NoiseError.wrongLength(.earlyPayload, found: length)
            phase = .refused(error)
            held = []
            throw error
        }
        held.removeFirst(EarlyPayload.headerLength)
        phase = .json(length: length)
        return takeJSON(length: length)
    }

    private mutating func takeJSON(length: Int) -> Progress {
        guard held.count >= length else { return Progress(json: nil, http2: []) }
        phase = .passing
        let progress = Progress(json: Array(held.prefix(length)), http2: Array(held.dropFirst(length)))
        held = []
        return progress
    }
}
