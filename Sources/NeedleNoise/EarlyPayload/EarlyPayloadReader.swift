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

    private enum State {
        case header([UInt8])
        case json([UInt8], length: Int)
        case passing
        case refused(NoiseError)
    }

    private var state = State.header([])

    /// Waits for the first byte.
    package init() {}

    /// Whether it is known if there was a payload, and all of it has come.
    package var isSettled: Bool {
        if case .passing = state { true } else { false }
    }

    /// Takes the next plaintext.
    ///
    /// - Throws: ``NoiseError/wrongLength(_:found:)`` if the payload exceeds ``EarlyPayload/lengthMax``, then and at
    ///   every later call.
    package mutating func receive(_ bytes: [UInt8]) throws(NoiseError) -> Progress {
        switch state {
        case .header(let earlier):
            return try receiveHeader(earlier + bytes)
        case .json(let earlier, let length):
            return receiveJSON(earlier, bytes[...], length: length)
        case .passing:
            return Progress(json: nil, http2: bytes)
        case .refused(let error):
            throw error
        }
    }

    private mutating func receiveHeader(_ bytes: [UInt8]) throws(NoiseError) -> Progress {
        guard zip(bytes, EarlyPayload.magic).allSatisfy(==) else {
            state = .passing
            return Progress(json: nil, http2: bytes)
        }
        guard bytes.count >= EarlyPayload.headerLength else {
            state = .header(bytes)
            return Progress(json: nil, http2: [])
        }
        let lengthBytes = bytes[EarlyPayload.magic.count..<EarlyPayload.headerLength]
        let length = Int(lengthBytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        guard length <= EarlyPayload.lengthMax else {
            let error = NoiseError.wrongLength(.earlyPayload, found: length)
            state = .refused(error)
            throw error
        }
        return receiveJSON([], bytes[EarlyPayload.headerLength...], length: length)
    }

    private mutating func receiveJSON(_ earlier: [UInt8], _ bytes: ArraySlice<UInt8>, length: Int) -> Progress {
        // Taken out of the state, so that appending does not copy what has come so far.
        var json = earlier
        state = .passing
        json.append(contentsOf: bytes.prefix(length - json.count))
        guard json.count == length else {
            state = .json(json, length: length)
            return Progress(json: nil, http2: [])
        }
        return Progress(json: json, http2: Array(bytes.dropFirst(length - earlier.count)))
    }
}
