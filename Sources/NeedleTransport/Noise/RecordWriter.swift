// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleNoise

/// Collects plaintext and seals it in place, many records behind each other in one buffer.
///
/// ```
/// | record | record | header | plaintext so far …            |
///                   ^ openStart                             ^ writer index
/// ```
///
/// Plaintext is copied once, to where it is encrypted. Between flushes of an idle connection nothing is held.
struct RecordWriter {
    private var sealer: RecordSealer
    private let allocator: ByteBufferAllocator
    private var buffer: ByteBuffer?
    private var openStart: Int?

    init(sealer: RecordSealer, allocator: ByteBufferAllocator) {
        self.sealer = sealer
        self.allocator = allocator
    }

    /// How many bytes wait for ``take()``.
    var heldBytes: Int { buffer?.readableBytes ?? 0 }

    /// Makes room for plaintext that will come in several pieces, so that what is there need not be moved for each.
    mutating func expect(_ count: Int) {
        reserve(count)
    }

    /// Takes plaintext in; every full record is sealed at once.
    mutating func append(_ plaintext: ByteBuffer) throws(NoiseError) {
        var plaintext = plaintext
        reserve(plaintext.readableBytes)
        while plaintext.readableBytes > 0 {
            let room = ControlMessageSize.plaintextMax - begin()
            guard let slice = plaintext.readSlice(length: min(room, plaintext.readableBytes)) else { return }
            buffer?.writeImmutableBuffer(slice)
            if slice.readableBytes == room { try seal() }
        }
    }

    /// Seals what has been begun and gives up all records.
    mutating func take() throws(NoiseError) -> ByteBuffer? {
        try seal()
        return buffer.take()
    }

    /// Makes room for `count` bytes of plaintext and exactly what their records add: with a little more for each of several
    /// pieces, the last of them would have everything moved to memory of twice the size (a quarter of what 2,000 full maps
    /// took).
    private mutating func reserve(_ count: Int) {
        let open = openBytes
        let plaintext = (open ?? 0) + count
        let records = (plaintext + ControlMessageSize.plaintextMax - 1) / ControlMessageSize.plaintextMax
        let overhead = records * (ControlMessageSize.header + ControlMessageSize.tag)
        let needed = count + overhead - (open == nil ? 0 : ControlMessageSize.header)
        if buffer == nil {
            // HTTP/2 writes a frame's header first and the payload next: leave room for a small one.
            buffer = allocator.buffer(capacity: max(needed, 256))
        } else {
            buffer?.reserveCapacity(minimumWritableBytes: needed)
        }
    }

    /// How much plaintext the record holds that has been begun, if one is.
    private var openBytes: Int? {
        guard let openStart, let buffer else { return nil }
        return buffer.writerIndex - openStart - ControlMessageSize.header
    }

    /// Begins a record unless one is begun.
    ///
    /// - Returns: how much plaintext it holds already.
    private mutating func begin() -> Int {
        if let openBytes { return openBytes }
        openStart = buffer?.writerIndex
        self.buffer?.writeRepeatingByte(0, count: ControlMessageSize.header)
        return 0
    }

    private mutating func seal() throws(NoiseError) {
        guard let start = openStart.take(), let end = buffer?.writerIndex, let base = buffer?.readerIndex else {
            return
        }
        let count = end - start - ControlMessageSize.header
        buffer?.writeRepeatingByte(0, count: ControlMessageSize.tag)
        var outcome = Result<Void, NoiseError>.success(())
        buffer?.withUnsafeMutableReadableBytes { bytes in
            let record = UnsafeMutableRawBufferPointer(rebasing: bytes[(start - base)...])
            do throws(NoiseError) {
                try sealer.seal(inPlace: record, plaintextCount: count)
            } catch {
                outcome = .failure(error)
            }
        }
        try outcome.get()
    }
}
