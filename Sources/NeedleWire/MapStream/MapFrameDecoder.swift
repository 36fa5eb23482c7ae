// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Cuts a map stream into messages, for simulated clients.
///
/// It holds only bytes that have arrived: an announced length is compared with the limit and never allocated.
package struct MapFrameDecoder: Sendable {
    /// The most bytes a message may have by default.
    package static let payloadMaxDefault = 64 * 1024 * 1024

    private let payloadMax: Int
    private var buffer: [UInt8] = []
    /// Where the first byte that no message has taken stands.
    private var start = 0
    private var failed = false

    /// A decoder that refuses messages of more than `payloadMax` bytes.
    package init(payloadMax: Int = MapFrameDecoder.payloadMaxDefault) {
        self.payloadMax = payloadMax
    }

    /// How many bytes wait for the rest of their message; above 0 at the end of a stream, the stream was cut off.
    package var bufferedCount: Int { buffer.count - start }

    /// Takes bytes as they arrive.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        guard !failed else { return }
        if start > 0, start >= buffer.count / 2 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole message, or nothing until more has arrived.
    ///
    /// - Throws: ``WireError/Code/limitExceeded`` for a message beyond the limit; the decoder is of no use after that.
    package mutating func next() throws(WireError) -> [UInt8]? {
        if failed { throw tooLong }
        guard bufferedCount >= MapFrame.prefixLength else { return nil }
        let prefix = buffer[start..<start + MapFrame.prefixLength]
        let length = Int(prefix.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        guard length <= payloadMax else {
            failed = true
            buffer = []
            start = 0
            throw tooLong
        }
        guard bufferedCount - MapFrame.prefixLength >= length else { return nil }
        let payload = Array(buffer[start + MapFrame.prefixLength..<start + MapFrame.prefixLength + length])
        start += MapFrame.prefixLength + length
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
        return payload
    }

    private var tooLong: WireError {
        WireError(.limitExceeded, message: "a map message is longer than \(payloadMax) bytes")
    }
}
