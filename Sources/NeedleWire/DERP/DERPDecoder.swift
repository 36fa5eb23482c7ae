// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Cuts a byte stream into frames.
///
/// Bytes are appended as they arrive, in any chunks; frames are taken out until there are none. A frame is judged by
/// its first five bytes: nothing is kept or reserved for a length that is not allowed. Unknown frames are thrown away
/// as they come in.
///
/// - Shape: at most one frame's allowed length and the last chunk are held, if frames are taken after every append.
package struct DERPDecoder<Bytes: DERPBytes>: Sendable {
    /// Decides what may come; to be changed between two frames.
    package var stage: DERPStage

    private var pending = Bytes()
    private var bytesToDiscard = 0
    private var failure: DERPError?

    /// A decoder at the beginning of a stream.
    package init(stage: DERPStage) {
        self.stage = stage
    }

    /// How many bytes are held that no frame was made of.
    package var pendingBytes: Int { pending.byteCount }

    /// Takes in what has arrived.
    package mutating func append(_ bytes: Bytes) {
        // After an error there is nothing to be gained from more bytes.
        guard failure == nil else { return }
        pending.append(bytes)
    }

    /// Takes the next whole frame out, or nothing until more has arrived.
    ///
    /// - Throws: ``DERPError`` as soon as a frame's head is not allowed, and again at every later call.
    package mutating func next() throws(DERPError) -> DERPFrame<Bytes>? {
        if let failure { throw failure }
        while discardPending(), let type = pending.leadingInteger(UInt8.self).map(DERPFrameType.init),
            let length = pending.leadingInteger(UInt32.self, skipping: 1).map(Int.init)
        {
            guard try keeps(type, length: length) else {
                bytesToDiscard = DERPProtocol.headerBytes + length
                continue
            }
            guard pending.byteCount - DERPProtocol.headerBytes >= length else { return nil }
            _ = pending.takePrefix(DERPProtocol.headerBytes)
            let payload = pending.takePrefix(length)
            releaseEmpty()
            return payload.map { DERPFrame(type: type, payload: $0) }
        }
        return nil
    }

    /// Throws away what a discarded frame still has here; whether all of it has come.
    private mutating func discardPending() -> Bool {
        let count = min(bytesToDiscard, pending.byteCount)
        if count > 0 {
            _ = pending.takePrefix(count)
            bytesToDiscard -= count
            releaseEmpty()
        }
        return bytesToDiscard == 0
    }

    /// Lets go of the memory behind bytes that are all taken: an idle connection must not hold its last read buffer.
    private mutating func releaseEmpty() {
        if pending.byteCount == 0 { pending = Bytes() }
    }

    private mutating func keeps(_ type: DERPFrameType, length: Int) throws(DERPError) -> Bool {
        let (allowed, kept): (ClosedRange<Int>, Bool)
        switch stage.rule(for: type) {
        case .keep(let range): (allowed, kept) = (range, true)
        case .discard: (allowed, kept) = (0...DERPProtocol.frameBytesMax, false)
        case .refuse: throw fail(.unexpected(type))
        }
        guard allowed.contains(length) else {
            throw fail(.badLength(type, length: length, allowed: allowed))
        }
        return kept
    }

    private mutating func fail(_ error: DERPError) -> DERPError {
        failure = error
        pending = Bytes()
        return error
    }
}
